package dev.tokenbroker.command.agent;

import dev.tokenbroker.base.outcome.BoundedFile;
import dev.tokenbroker.base.outcome.Deadline;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.command.fetch.KeptToken;
import dev.tokenbroker.command.fetch.NoToken;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A file with a token, renewed before the token ends. Safe for use by several threads.
 *
 * <p>{@link #tick} is called again and again. It never waits for the broker: it starts an attempt on
 * another thread when one is due, and removes the file when its token ends meanwhile. So a reader
 * finds a good token or no file.
 *
 * <p>A token is requested once half of its life has passed, see {@link Lifetime}. After a failure
 * the waits double from half a second, with jitter. The longest wait depends on the file. While its
 * token is fresh there is time, so the wait is up to a minute, but ends before the token gets stale.
 * Without a fresh token it is 4 s, so that the file is fresh within 5 s once the broker works again.
 * A broker that refuses is asked again after 15 s or more. A wait that the broker demands is kept.
 */
final class KeptFile {

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration FIRST_WAIT = Duration.ofMillis(500);
  private static final Duration SHORT_WAIT = Duration.ofSeconds(4);
  private static final Duration REFUSED_WAIT = Duration.ofSeconds(15);
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);
  private static final int MOST_DOUBLINGS = 10;

  /** How good the file is. */
  enum State {
    /** At least a fifth of the token's life is left. */
    FRESH,
    /** The token is good, but its renewal is late, or an earlier process has written it. */
    STALE,
    /** There is no file. */
    MISSING
  }

  /**
   * The state of the file.
   *
   * @param expiry the end of the token; null without a file
   * @param failure why the last attempt has failed; null if it has not
   */
  record Status(State state, @Nullable Instant expiry, @Nullable Failure failure) {}

  /**
   * Why there is no new token.
   *
   * @param kind null if the file cannot be written
   */
  record Failure(NoToken.@Nullable Kind kind, String line) {}

  /** A token that is not in the file yet. */
  private record Received(KeptToken token, Lifetime lifetime) {}

  private final AgentFile file;
  private final TokenSource tokens;
  private final Clocks clocks;
  private final Executor executor;
  private final Consumer<String> log;

  private CompletableFuture<Void> attempt = CompletableFuture.completedFuture(null);
  private @Nullable Lifetime shown;
  private boolean ours;
  private @Nullable Received unwritten;
  private @Nullable Failure failure;
  private int failures;
  private long nextNanos;
  private boolean stuck;
  private @Nullable Process own;

  /** Requests a new token, in one attempt. */
  interface TokenSource {
    KeptToken exchange(Deadline deadline) throws NoToken;
  }

  /**
   * @param executor runs attempts, which may wait
   * @param log takes one line for each change of the state
   */
  KeptFile(
      AgentFile file,
      TokenSource tokens,
      Clocks clocks,
      Executor executor,
      Consumer<String> log) {
    this.file = file;
    this.tokens = tokens;
    this.clocks = clocks;
    this.executor = executor;
    this.log = log;
  }

  /** Keeps the file of an earlier process until its token ends; removes it if nobody knows when. */
  synchronized void begin() {
    if (file.file().exists()) {
      Instant end = file.file().leftUntil().orElse(Instant.EPOCH);
      shown = Lifetime.until(end, clocks);
    }
  }

  /** Does what is due. A bug in an attempt is thrown by the next call. */
  synchronized void tick() {
    if (shown != null && shown.hasEnded(clocks)) {
      removeEnded();
    }
    if (attempt.isDone()) {
      var _ = attempt.join();
      if (isDue()) {
        attempt = CompletableFuture.runAsync(this::renew, executor);
      }
    }
  }

  /** The state of the file now. */
  synchronized Status status() {
    Lifetime now = shown;
    if (now == null) {
      return new Status(State.MISSING, null, failure);
    }
    boolean fresh = ours && !now.fresh(clocks).isNegative();
    return new Status(fresh ? State.FRESH : State.STALE, now.expiry(), failure);
  }

  /** The process that gets the signals of the document that name no other. */
  synchronized void tells(Process command) {
    own = command;
  }

  String path() {
    return file.file().path().toString();
  }

  private boolean isDue() {
    return failures > 0
        ? clocks.nanoTime() - nextNanos >= 0
        : shown == null || !ours || shown.isDue(clocks);
  }

  private void removeEnded() {
    try {
      file.file().remove();
      say(ours ? "removed, since its token ends" : "removed, since nobody knows that it is good");
      shown = null;
      stuck = false;
    } catch (IOException failed) {
      if (!stuck) {
        say("its token ends, but it cannot be removed: " + BoundedFile.why(failed));
      }
      stuck = true;
    }
  }

  private void renew() {
    try {
      Received next = unwritten();
      if (next == null || next.lifetime().isDue(clocks)) {
        long asked = clocks.nanoTime();
        KeptToken token = tokens.exchange(Deadline.after(PATIENCE));
        next = new Received(token, Lifetime.of(token, asked, clocks));
      }
      write(next);
    } catch (NoToken none) {
      failed(new Failure(none.kind(), none.line()), none.retryAfter());
      return;
    } catch (IOException full) {
      failed(new Failure(null, "it cannot be written: " + BoundedFile.why(full)), null);
      return;
    }
    file.afterWrite().tell(own()).ifPresent(this::say);
  }

  private synchronized void write(Received next) throws NoToken, IOException {
    unwritten = next;
    if (next.lifetime().hasEnded(clocks)) {
      throw new NoToken(NoToken.Kind.AWAY, "the token has ended before it could be written");
    }
    file.file().write(file.text(next.token()));
    if (failures > 0 || shown == null) {
      say("written, good until " + next.lifetime().expiry());
    }
    shown = next.lifetime();
    ours = true;
    unwritten = null;
    failure = null;
    failures = 0;
    stuck = false;
  }

  private synchronized void failed(Failure why, @Nullable Duration demanded) {
    if (failure == null || failure.kind() != why.kind()) {
      say(why.line());
    }
    failure = why;
    failures++;
    nextNanos = clocks.nanoTime() + pause(why, demanded).toNanos();
  }

  private Duration pause(Failure why, @Nullable Duration demanded) {
    Duration most = SHORT_WAIT;
    if (shown != null && ours) {
      most = longer(most, shorter(shown.fresh(clocks).dividedBy(2), LONGEST_WAIT));
    }
    if (why.kind() != null
        && why.kind() != NoToken.Kind.AWAY
        && why.kind() != NoToken.Kind.NO_CREDENTIAL) {
      most = longer(most, REFUSED_WAIT);
    }
    long doubled = FIRST_WAIT.toNanos() << Math.min(failures - 1, MOST_DOUBLINGS);
    long wait = Math.min(doubled, most.toNanos());
    Duration jittered = Duration.ofNanos(wait / 2 + clocks.random().nextLong(wait / 2));
    return Objects.requireNonNullElse(demanded, Duration.ZERO).plus(jittered);
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private synchronized @Nullable Received unwritten() {
    return unwritten;
  }

  private synchronized @Nullable Process own() {
    return own;
  }

  private void say(String what) {
    log.accept(path() + ": " + what);
  }
}
