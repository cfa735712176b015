package dev.tokenbroker.signing;

import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.outcome.UnfitSetting;
import dev.tokenbroker.policy.Target;
import dev.tokenbroker.signing.RevocationFile.Opening;
import dev.tokenbroker.signing.RevocationLines.LastEnding;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Shutdown;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The list of tokens that were revoked before they expired, by their {@code jti}. A token stays
 * until it has expired, whatever the wall clock said meanwhile. The list holds at most {@code
 * token-broker.revocation.max-tokens}; none is forgotten early for lack of room.
 *
 * <p>With {@code token-broker.revocation.path} the list survives the process, and a revocation
 * counts only once it is on the disk. Safe for use by any number of threads: a look-up never waits;
 * a revocation waits for the disk and for concurrent revocations.
 */
@Singleton
public final class Revocations {

  /*
   * The idea. A token may be forgotten once it has expired. The wall clock decides that, with a
   * minute more in case the clock is set back a little. But the wall clock may be far ahead for a
   * while. A token forgotten then would be active again once the clock is set right. So the token's
   * whole life must also have passed since the revocation, by the monotonic clock. The token was
   * minted before the revocation, so it has expired by then. A token minted by a clock ahead of
   * ours expires later: its remaining life by our clock counts.
   *
   * The tokens are checked in the order of the monotonic clock. A token that the wall clock holds
   * back is checked again after a while. So a clock that was set back does not keep room from later
   * tokens.
   *
   * A restart loses the monotonic time, and the clock may be ahead then, too. So the file keeps a
   * token up to the longest life past its end. After a restart it stays for as long as any token
   * lives.
   */

  static final Duration KEPT_PAST_END = Duration.ofMinutes(1);

  private static final System.Logger LOG = System.getLogger(Revocations.class.getName());
  private static final String PATH = "token-broker.revocation.path";
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);

  /** The bound of the remaining time, which a clock that is far behind makes too long. */
  private static final Duration LONGEST_KEPT = Duration.ofDays(10_000);

  private static final Duration AFTER_FAILURE = Duration.ofSeconds(5);

  private final int most;
  private final InstantSource clock;
  private final LongSupplier nanoTime;
  private final Map<String, Revoked> byId = new ConcurrentHashMap<>();
  private final PriorityQueue<Kept> firstOver =
      new PriorityQueue<>((one, other) -> Long.signum(one.overNanos() - other.overNanos()));
  private final ReentrantLock writing = new ReentrantLock();
  private final @Nullable RevocationFile file;
  private final Opening.@Nullable UnusableFile unusable;
  private boolean failing;

  /**
   * @param overNanos the monotonic time from which the token is over, or is checked again
   */
  private record Kept(Revoked revoked, long overNanos) {}

  /** Reads the file, whose revocations must be known before the first response. */
  @Inject
  public Revocations(RevocationSettings settings, InstantSource clock) {
    this(settings, clock, System::nanoTime);
  }

  /**
   * @param nanoTime as {@link System#nanoTime()}
   */
  Revocations(RevocationSettings settings, InstantSource clock, LongSupplier nanoTime) {
    this.most = settings.maxTokens();
    this.clock = clock;
    this.nanoTime = nanoTime;
    Optional<Path> path = settings.path();
    Opening opening = path.map(RevocationFile::open).orElse(null);
    if (opening
        instanceof Opening.Opened(RevocationFile opened, List<Revoked> found, LastEnding ending)) {
      Opening.UnusableFile problem = begin(opened, found, ending);
      this.file = problem == null ? opened : null;
      this.unusable = problem;
    } else {
      this.file = null;
      this.unusable = (Opening.UnusableFile) opening;
    }
  }

  /** The result of revoking a token of ours. */
  public enum Revocation {
    /** The token is revoked from now on. */
    REVOKED,
    /** The token was revoked before. */
    REPEATED
  }

  /** The problem that keeps the broker from starting; empty if there is none. */
  public Optional<UnfitSetting> unusable() {
    return Optional.ofNullable(unusable)
        .map(why -> new UnfitSetting(PATH, why.problem(), why.remedy()));
  }

  /** Whether the token of that {@code jti} was revoked. */
  public boolean holds(String tokenId) {
    return byId.containsKey(tokenId);
  }

  /**
   * Revokes a token that this broker minted.
   *
   * @param tokenId its {@code jti}
   * @return the result; or the refusal {@code REVOCATIONS_FULL}, {@code REVOCATION_NOT_STORED} or
   *     {@code DEADLINE_EXCEEDED}, which leaves the token valid
   */
  public Outcome<Revocation> revoke(
      String tokenId, Instant issueTime, Instant expireTime, Deadline deadline) {
    boolean locked;
    try {
      locked = writing.tryLock(deadline.remaining().toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      locked = false;
    }
    if (!locked) {
      RefusalReason reason = deadline.passed(RefusalReason.REVOCATION_NOT_STORED);
      Refusal late = Refusal.of(reason);
      return Outcome.refused(
          reason == RefusalReason.DEADLINE_EXCEEDED ? late : late.retryAfter(AFTER_FAILURE));
    }
    try {
      return add(
          new Revoked(tokenId, expireTime.plus(KEPT_PAST_END)),
          Duration.between(issueTime, expireTime));
    } finally {
      writing.unlock();
    }
  }

  private Outcome<Revocation> add(Revoked revoked, Duration life) {
    if (byId.containsKey(revoked.id())) {
      return Outcome.accepted(Revocation.REPEATED);
    }
    Instant now = clock.instant();
    forgetExpired(now);
    if (byId.size() >= most) {
      return Outcome.refused(Refusal.of(RefusalReason.REVOCATIONS_FULL).retryAfter(untilRoom()));
    }
    if (!store(revoked)) {
      return Outcome.refused(
          Refusal.of(RefusalReason.REVOCATION_NOT_STORED).retryAfter(AFTER_FAILURE));
    }
    keep(revoked, life, now);
    return Outcome.accepted(Revocation.REVOKED);
  }

  private boolean store(Revoked revoked) {
    if (file == null) {
      return true;
    }
    try {
      file.add(revoked, byId.values());
      failing = false;
      return true;
    } catch (IOException broken) {
      if (!failing) { // once for each series of failures
        LOG.log(
            System.Logger.Level.ERROR,
            "token-broker.revocation.path cannot be written, so that no token can be revoked: "
                + broken);
      }
      failing = true;
      return false;
    }
  }

  /** How many revocations are kept; without expired ones, unless a thread waits for the disk. */
  public int held() {
    if (writing.tryLock()) {
      try {
        forgetExpired(clock.instant());
      } finally {
        writing.unlock();
      }
    }
    return byId.size();
  }

  /** How many revocations may be kept. */
  public int limit() {
    return most;
  }

  void stop(@Observes Shutdown event) {
    close();
  }

  /** Closes the file; after that no revocation can be stored in it. */
  void close() {
    writing.lock();
    try {
      if (file != null) {
        file.close();
      }
    } finally {
      writing.unlock();
    }
  }

  /** Loads the content of a file; returns the problem if the file cannot be written. */
  private Opening.@Nullable UnusableFile begin(
      RevocationFile opened, List<Revoked> found, LastEnding ending) {
    Instant now = clock.instant();
    found.stream()
        .filter(revoked -> now.isBefore(revoked.keptUntil().plus(Target.MAX_LIFETIME)))
        .forEach(revoked -> keep(revoked, Target.MAX_LIFETIME, now));
    try {
      opened.rewrite(byId.values()); // shows now whether it can be written
    } catch (IOException denied) {
      opened.close();
      return RevocationFile.unwritable(denied);
    }
    warn(ending);
    return null;
  }

  private static void warn(LastEnding ending) {
    switch (ending) {
      case WHOLE -> {}
      case TORN ->
          LOG.log(
              System.Logger.Level.WARNING,
              "token-broker.revocation.path: the last line was cut short and is left out;"
                  + " its revocation was never confirmed");
      case EMPTY ->
          LOG.log(
              System.Logger.Level.WARNING,
              "token-broker.revocation.path: the file was empty; if it ever held revocations, those"
                  + " tokens are active again until they expire");
    }
  }

  private void keep(Revoked revoked, Duration life, Instant now) {
    if (byId.putIfAbsent(revoked.id(), revoked) == null) {
      Duration whole = life.plus(KEPT_PAST_END);
      Duration left = shorter(Duration.between(now, revoked.keptUntil()), LONGEST_KEPT);
      look(revoked, nanoTime.getAsLong(), left.compareTo(whole) > 0 ? left : whole);
    }
  }

  private void look(Revoked revoked, long nanos, Duration after) {
    firstOver.add(new Kept(revoked, nanos + after.toNanos()));
  }

  private void forgetExpired(Instant now) {
    // One time for the whole loop: an entry that is put back must not be due again at once.
    long nanos = nanoTime.getAsLong();
    for (Kept next = firstOver.peek();
        next != null && next.overNanos() - nanos <= 0;
        next = firstOver.peek()) {
      firstOver.remove();
      Duration wall = Duration.between(now, next.revoked().keptUntil());
      if (wall.isPositive()) {
        look(next.revoked(), nanos, shorter(wall, LONGEST_WAIT));
      } else {
        byId.remove(next.revoked().id());
      }
    }
  }

  private Duration untilRoom() {
    Kept next = firstOver.peek();
    return next == null
        ? LONGEST_WAIT
        : shorter(Duration.ofNanos(next.overNanos() - nanoTime.getAsLong()), LONGEST_WAIT);
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
