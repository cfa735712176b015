package dev.tokenbroker.issue.github;

import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.issue.github.GitHubKind.DeclaredApp;
import dev.tokenbroker.issue.signing.SigningKey;
import dev.tokenbroker.issue.sts.SecretFile;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One App of an upstream: its key, its installation, and how much of GitHub's limit is left. Safe
 * for use by several threads.
 */
final class App {

  private static final Duration INSTALLATION_KEPT = Duration.ofHours(6);

  /** GitHub counts requests by the hour. */
  static final Duration LONGEST_LIMIT = Duration.ofHours(1);

  private static final Duration SET_ASIDE = Duration.ofMinutes(5);

  private final String id;
  private final SecretFile<SigningKey> key;
  private final Clocks clock;
  private final long origin;
  private final ReentrantLock lookup = new ReentrantLock();

  // Guarded by this. Times are nanoseconds since the origin.
  private String owner = "";
  private long installation;
  private long installationUntil;
  private long limitedUntil;
  private long asideUntil;
  private long remaining;
  private long remainingUntil;

  App(DeclaredApp app, String upstream, Clocks clock, ChangeListener changes) {
    this.id = app.id();
    this.key =
        new SecretFile<>(
            "The key of App " + id, upstream, app.keyFile(), AppKeyFile::read, changes);
    this.clock = clock;
    this.origin = clock.nanoTime();
  }

  String id() {
    return id;
  }

  boolean hasKey() {
    return key.value().isPresent();
  }

  /** Reads the key again; another one may be accepted where the last one was not. */
  void reread() {
    SigningKey before = key.value().orElse(null);
    key.reread();
    if (key.value().orElse(null) != before) {
      synchronized (this) {
        asideUntil = 0;
      }
    }
  }

  /** A JWT by which the App, which has a key, authenticates. */
  String jwt() {
    return AppKeyFile.jwt(key.value().orElseThrow(), id, clock.instant());
  }

  /** The installation that was found for that account; null if none was, or long ago. */
  synchronized @Nullable Long installation(String account) {
    return account.equals(owner) && now() < installationUntil ? installation : null;
  }

  synchronized void installed(String account, long found) {
    owner = account;
    installation = found;
    installationUntil = now() + INSTALLATION_KEPT.toNanos();
  }

  synchronized void forgetInstallation() {
    installationUntil = 0;
  }

  /**
   * Waits until no other thread looks up an installation of the App; each true is followed by
   * {@link #endLookup()}.
   *
   * @return false where the time has passed or the thread is interrupted
   */
  boolean beginLookup(Duration longest) {
    try {
      return lookup.tryLock(longest.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException whileWaiting) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  void endLookup() {
    lookup.unlock();
  }

  /** Takes note of how many requests GitHub still takes, and for how long that counts. */
  synchronized void left(long requests, Duration until) {
    remaining = requests;
    remainingUntil = now() + bounded(until);
  }

  /** GitHub takes no request of the App for that time. */
  synchronized void limited(Duration time) {
    limitedUntil = Math.max(limitedUntil, now() + bounded(time));
  }

  /** GitHub refuses the App itself: others are used for a while, if there are any. */
  synchronized void setAside() {
    asideUntil = now() + SET_ASIDE.toNanos();
  }

  /** How long GitHub takes no request of the App; zero if it takes one now. */
  synchronized Duration untilFree() {
    return Duration.ofNanos(Math.max(0, limitedUntil - now()));
  }

  synchronized boolean isAside() {
    return now() < asideUntil;
  }

  /** How many requests GitHub still takes; the most possible if that is unknown. */
  synchronized long remaining() {
    return now() < remainingUntil ? remaining : Long.MAX_VALUE;
  }

  private static long bounded(Duration time) {
    return (time.compareTo(LONGEST_LIMIT) > 0 ? LONGEST_LIMIT : time).toNanos();
  }

  private long now() {
    return clock.nanoTime() - origin;
  }
}
