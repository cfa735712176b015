package dev.tokenbroker.command.agent;

import dev.tokenbroker.base.files.BoundedFile;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.base.time.ProcessSignals;
import dev.tokenbroker.command.agent.AgentDocument.Entry;
import dev.tokenbroker.command.fetch.KeptToken;
import dev.tokenbroker.command.fetch.NoToken;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
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
  private final Agent.Listener listener;

  private CompletableFuture<Void> attempt = CompletableFuture.completedFuture(null);
  private @Nullable Held shown; // the file has it
  private volatile @Nullable Held unwritten;
  private @Nullable NoToken failure;
  private int failures;
  private long nextNanos;

  /** Requests a new token, in one attempt. */
  interface TokenSource {
    KeptToken exchange(Deadline deadline) throws NoToken;
  }

  /**
   * Keeps the file of an earlier process until its token ends.
   *
   * @param executor runs attempts, which may wait
   */
  KeptFile(
      Entry entry, TokenSource source, Clocks clocks, Executor executor, Agent.Listener listener) {
    this.entry = entry;
    this.source = source;
    this.clocks = clocks;
    this.executor = executor;
    this.listener = listener;
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
      attempt.join();
      boolean due =
          failures == 0
              ? shown == null || isLeft(shown) || shown.isDue(clocks)
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

  /** The state as a health check: fresh; stale, with a good token; or missing. */
  synchronized Map<String, Object> state() {
    String state = isFresh() ? "fresh" : shown == null ? "missing" : "stale";
    Map<String, Object> data = new LinkedHashMap<>(Map.of("state", state));
    if (shown != null) {
      data.put("expires", shown.token().expiry().toString());
    }
    if (failure != null) {
      data.put("problem", failure.line());
    }
    String path = entry.file().path().toString();
    return Map.of("name", path, "status", isFresh() ? "UP" : "DOWN", "data", data);
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
    } catch (IOException failed) {
      report(new NoToken(NoToken.Kind.AWAY, "it cannot be removed: " + BoundedFile.why(failed)));
    }
  }

  private void renew() {
    try {
      Held next = unwritten;
      if (next == null || next.isDue(clocks)) {
        long asked = clocks.nanoTime();
        next = Held.of(source.exchange(Deadline.after(PATIENCE)), asked, clocks);
      }
      write(next);
      if (!entry.command().isEmpty() && !runCommand()) {
        say("the command after its change has failed");
      }
    } catch (NoToken none) {
      failed(none);
    } catch (IOException full) {
      String why = "it cannot be written: " + BoundedFile.why(full);
      failed(new NoToken(NoToken.Kind.AWAY, why));
    }
  }

  /** On a thread of its own: the end of the agent interrupts attempts, and waits for them. */
  private boolean runCommand() {
    return CompletableFuture.supplyAsync(
            () -> ProcessSignals.run(entry.command()), task -> Thread.ofPlatform().start(task))
        .join();
  }

  private synchronized void write(Held next) throws NoToken, IOException {
    unwritten = next;
    if (next.hasEnded(clocks)) {
      throw new NoToken(NoToken.Kind.AWAY, "the token has ended before it could be written");
    }
    KeptToken token = next.token();
    entry.file().write(entry.text(token), token.expiry());
    if (failure != null || shown == null || isLeft(shown)) {
      say("written, good until " + token.expiry());
    }
    shown = next;
    unwritten = null;
    failure = null;
    failures = 0;
    if (entry.signal() != null) {
      listener.signal(entry.signal());
    }
  }

  private void report(NoToken why) {
    boolean isNew = failure == null || failure.kind() != why.kind();
    failure = why;
    if (isNew) {
      say(why.line());
    }
  }

  private synchronized void failed(NoToken why) {
    report(why);
    boolean passing = why.isPassing() || why.kind() == NoToken.Kind.NO_CREDENTIAL;
    long most = passing ? AWAY_WAIT : REFUSED_WAIT;
    if (isFresh() && shown != null) {
      most = Math.max(most, Math.min(LONGEST_WAIT, shown.fresh(clocks).toNanos() / 2));
    }
    long wait = Math.min(most, FIRST_WAIT << Math.min(failures++, MOST_DOUBLINGS));
    long demanded = why.retryAfter() == null ? 0 : why.retryAfter().toNanos();
    nextNanos = clocks.nanoTime() + demanded + wait / 2 + clocks.random().nextLong(wait / 2);
  }

  private void say(String what) {
    listener.line(entry.file().path() + ": " + what);
  }
}
