package dev.tokenbroker.command.agent;

import dev.tokenbroker.base.outcome.BoundedFile;
import dev.tokenbroker.base.outcome.Deadline;
import dev.tokenbroker.base.outcome.ProcessSignals;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.command.agent.AgentDocument.Entry;
import dev.tokenbroker.command.fetch.HelperRequest;
import dev.tokenbroker.command.fetch.KeptToken;
import dev.tokenbroker.command.fetch.NoToken;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A file with a token, renewed before the token ends. Safe for use by several threads.
 *
 * <p>{@link #tick} is called again and again. It never waits for the broker: it starts an attempt
 * on another thread when one is due, and removes the file when its token ends meanwhile. So a
 * reader finds a good token or no file.
 *
 * <p>After a failure the waits double from half a second, with jitter. While the token is fresh
 * there is time: the longest wait is a minute, and ends before the token gets stale. Without a
 * fresh token it is 4 s, so that the file is fresh within 5 s once the broker works again; for a
 * broker that refuses it is 15 s. A wait that the broker demands is added.
 */
final class KeptFile {

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final long FIRST_WAIT = Duration.ofMillis(500).toNanos();
  private static final long AWAY_WAIT = Duration.ofSeconds(4).toNanos();
  private static final long REFUSED_WAIT = Duration.ofSeconds(15).toNanos();
  private static final long LONGEST_WAIT = Duration.ofMinutes(1).toNanos();
  private static final int MOST_DOUBLINGS = 10;

  private final Entry entry;
  private final TokenSource source;
  private final Clocks clocks;
  private final Executor executor;
  private final Consumer<String> log;

  private CompletableFuture<Void> attempt = CompletableFuture.completedFuture(null);
  private @Nullable Held shown; // the file has it
  private @Nullable Held unwritten;
  private @Nullable NoToken failure;
  private int failures;
  private long nextNanos;
  private boolean stuck;
  private @Nullable Process own;

  /** Requests a new token, in one attempt. */
  interface TokenSource {
    KeptToken exchange(Deadline deadline) throws NoToken;
  }

  /**
   * Keeps the file of an earlier process until its token ends.
   *
   * @param executor runs attempts, which may wait
   * @param log takes one line for each change of the state
   */
  KeptFile(
      Entry entry, TokenSource source, Clocks clocks, Executor executor, Consumer<String> log) {
    this.entry = entry;
    this.source = source;
    this.clocks = clocks;
    this.executor = executor;
    this.log = log;
    Instant now = clocks.instant();
    Instant end = entry.file().end(now, now.plus(Duration.ofDays(1)));
    KeptToken left = new KeptToken("", "", "", "", now, now, end);
    this.shown = Held.of(left, clocks.nanoTime(), clocks);
  }

  /** Does what is due. Throws a bug of the last attempt. */
  synchronized void tick() {
    if (shown != null && shown.hasEnded(clocks)) {
      removeEnded();
    }
    if (attempt.isDone()) {
      var _ = attempt.join();
      boolean due =
          failures == 0
              ? shown == null || shown.isDue(clocks)
              : clocks.nanoTime() - nextNanos >= 0;
      if (due) {
        attempt = CompletableFuture.runAsync(this::renew, executor);
      }
    }
  }

  /** Whether at least a fifth of the token's life is left. */
  synchronized boolean isFresh() {
    return shown != null && !isLeft(shown) && !shown.fresh(clocks).isNegative();
  }

  /** Why the last attempt has failed; null if it has not. */
  synchronized @Nullable NoToken failure() {
    return failure;
  }

  /** The state for a reader of JSON: fresh; stale, with a good token; or missing. */
  synchronized Map<String, Object> state() {
    Map<String, Object> state = new LinkedHashMap<>();
    state.put("state", isFresh() ? "fresh" : shown == null ? "missing" : "stale");
    if (shown != null) {
      state.put("expires", shown.token().expiry().toString());
    }
    if (failure != null) {
      state.put("problem", failure.line());
    }
    return state;
  }

  /** The process that gets the signals. */
  synchronized void tells(Process command) {
    own = command;
  }

  String path() {
    return entry.file().path().toString();
  }

  private static boolean isLeft(Held token) {
    return token.token().value().isEmpty();
  }

  private void removeEnded() {
    try {
      if (entry.file().remove()) {
        say("removed, since its token ends");
      }
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
      Held next = unwritten();
      if (next == null || next.isDue(clocks)) {
        long asked = clocks.nanoTime();
        next = Held.of(source.exchange(Deadline.after(PATIENCE)), asked, clocks);
      }
      write(next);
    } catch (NoToken none) {
      failed(none);
      return;
    } catch (IOException full) {
      String why = "it cannot be written: " + BoundedFile.why(full);
      failed(new NoToken(NoToken.Kind.AWAY, why));
      return;
    }
    Process command = own();
    if (entry.signal() != null
        && command != null
        && !ProcessSignals.send(command.pid(), entry.signal())) {
      say("SIG" + entry.signal() + " cannot be sent");
    }
    if (!entry.command().isEmpty() && !ProcessSignals.run(entry.command())) {
      say("the command after its change has failed");
    }
  }

  private synchronized void write(Held next) throws NoToken, IOException {
    unwritten = next;
    if (next.hasEnded(clocks)) {
      throw new NoToken(NoToken.Kind.AWAY, "the token has ended before it could be written");
    }
    KeptToken token = next.token();
    String text = entry.output().text(token, "TOKEN_BROKER_TOKEN", "", HelperRequest.NONE, token.issued());
    entry.file().write(entry.newline() ? text + "\n" : text, token.expiry());
    if (failure != null || shown == null || isLeft(shown)) {
      say("written, good until " + token.expiry());
    }
    shown = next;
    unwritten = null;
    failure = null;
    failures = 0;
  }

  private synchronized void failed(NoToken why) {
    if (failure == null || failure.kind() != why.kind()) {
      say(why.line());
    }
    failure = why;
    long most = isPassing(why) ? AWAY_WAIT : REFUSED_WAIT;
    if (isFresh() && shown != null) {
      most = Math.max(most, Math.min(LONGEST_WAIT, shown.fresh(clocks).toNanos() / 2));
    }
    long wait = Math.min(most, FIRST_WAIT << Math.min(failures++, MOST_DOUBLINGS));
    long demanded = why.retryAfter() == null ? 0 : why.retryAfter().toNanos();
    nextNanos = clocks.nanoTime() + demanded + wait / 2 + clocks.random().nextLong(wait / 2);
  }

  /** Whether another attempt can succeed without a change by somebody. */
  static boolean isPassing(NoToken why) {
    return why.isPassing() || why.kind() == NoToken.Kind.NO_CREDENTIAL;
  }

  private synchronized @Nullable Held unwritten() {
    return unwritten;
  }

  private synchronized @Nullable Process own() {
    return own;
  }

  private void say(String what) {
    log.accept(path() + ": " + what);
  }
}
