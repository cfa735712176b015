package dev.tokenbroker.operate.changes;

import dev.tokenbroker.base.outcome.Change.SubjectKind;
import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.operate.changes.ChangeEvent.RefusedPeer;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;

/**
 * Counts the refusals of one peer for one reason, and decides when an outage ends and the next one
 * begins. Safe for use by many threads.
 */
final class CountedOutage {

  private static final long SHORTEST_SILENCE_MILLIS = 3_000;
  private static final long LONGEST_SILENCE_MILLIS = 60_000;
  private static final int BITS = 1_024;

  /** Of a peer that fails for every second call, so many in a row are rare. */
  private static final int ENOUGH_SERVED = 8;

  private final RefusedPeer peer;
  private final RefusalReason reason;
  private final boolean proved;
  private final BitSet seen = new BitSet(BITS);
  private Instant since = Instant.EPOCH;
  private Instant last = Instant.EPOCH;
  private long count;
  private long pauseMillis; // the longest recent one
  private Instant pauseEnd = Instant.EPOCH;
  private boolean cameBack;
  private int served; // by the peer since the last refusal
  private boolean subjects;

  CountedOutage(RefusedPeer peer, RefusalReason reason, boolean proved) {
    this.peer = peer;
    this.reason = reason;
    this.proved = proved;
  }

  /**
   * Counts a refusal.
   *
   * @param begin when its evaluation began; the time from there to its end is no silence
   * @param end when it was refused
   * @param hash tells subjects or credentials apart
   * @param named whether its subject is known
   */
  synchronized void add(Instant begin, Instant end, int hash, boolean named) {
    long silence = millisSinceLast(begin);
    long pause = millisSinceLast(end);
    if (count == 0 || silence > longestSilence()) {
      pauseMillis = cameBack && silence <= LONGEST_SILENCE_MILLIS ? pause : 0;
      pauseEnd = end;
      cameBack = count > 0 && silence <= LONGEST_SILENCE_MILLIS;
      since = begin;
      count = 0;
      subjects = true;
      seen.clear();
    } else if (pause >= fadedPause(end)) {
      pauseMillis = pause;
      pauseEnd = end;
    }
    count++;
    served = 0;
    since = begin.isBefore(since) ? begin : since;
    last = end.isAfter(last) ? end : last;
    subjects &= named;
    seen.set(Math.floorMod(hash, BITS));
  }

  /** Notes that the peer did what it refused or failed to do before. */
  synchronized void serve() {
    served = Math.min(served + 1, ENOUGH_SERVED);
  }

  /** Zero for a time before the last refusal. */
  private long millisSinceLast(Instant time) {
    return Math.max(0, Duration.between(last, time).toMillis());
  }

  /** The longest pause counts less and less, and nothing after a minute. */
  private long fadedPause(Instant at) {
    long age = Math.clamp(Duration.between(pauseEnd, at).toMillis(), 0, LONGEST_SILENCE_MILLIS);
    return pauseMillis * (LONGEST_SILENCE_MILLIS - age) / LONGEST_SILENCE_MILLIS;
  }

  /** A peer that works again needs no longer silence: its callers come back by themselves. */
  private long longestSilence() {
    if (served == ENOUGH_SERVED) {
      return SHORTEST_SILENCE_MILLIS;
    }
    long pause = fadedPause(last);
    return Math.clamp(pause + pause / 2, SHORTEST_SILENCE_MILLIS, LONGEST_SILENCE_MILLIS);
  }

  synchronized Outage at(Instant now) {
    return new Outage(
        peer.kind(),
        peer.name(),
        reason,
        proved,
        since,
        last,
        millisSinceLast(now) > longestSilence(),
        count,
        distinct(),
        subjects);
  }

  /** By Whang's linear counting: nearly exact for few, within a tenth for a few thousand. */
  private long distinct() {
    int free = Math.max(1, BITS - seen.cardinality());
    return Math.min(count, Math.round(-BITS * Math.log(free / (double) BITS)));
  }

  boolean isOfUpstream(String name) {
    return peer.kind() == SubjectKind.UPSTREAM && peer.name().equals(name);
  }

  synchronized boolean isBefore(Instant time) {
    return last.isBefore(time);
  }
}
