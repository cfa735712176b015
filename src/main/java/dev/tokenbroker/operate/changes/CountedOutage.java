package dev.tokenbroker.operate.changes;

import dev.tokenbroker.base.outcome.Change.SubjectKind;
import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.operate.changes.ChangeEvent.RefusedPeer;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Counts the refusals of one peer for one reason, and decides when an outage ends and the next one
 * begins. Monotonic time decides; the wall clock is only shown. Safe for use by many threads.
 */
final class CountedOutage {

  /** Also the time after which a failure has nothing to do with a refusal any more. */
  static final Duration LONGEST_SILENCE = Duration.ofSeconds(60);

  private static final long SHORTEST_NANOS = Duration.ofSeconds(3).toNanos();
  private static final long LONGEST_NANOS = LONGEST_SILENCE.toNanos();
  private static final int BITS = 1_024;

  /** Fewer refusals are no outage on the page. */
  private static final int FEWEST = 3;

  /** Of a peer that fails for every second call, so many in a row are rare. */
  private static final int ENOUGH_SERVED = 8;

  private final RefusedPeer peer;
  private final RefusalReason reason;
  private final boolean proved;
  private final Predicate<Instant> changedSince;
  private Series series = new Series(Instant.EPOCH);

  /** Too few refusals before this series, which may turn out to be its begin. */
  private @Nullable Series before;

  private Moment last = new Moment(Instant.EPOCH, 0);
  private long pauseNanos; // the longest recent one
  private long pauseEnd;
  private boolean cameBack;
  private int served; // by the peer since the last refusal

  /**
   * A point of time.
   *
   * @param time for people
   * @param nanos monotonic
   */
  record Moment(Instant time, long nanos) {}

  /**
   * @param changedSince whether a change since then may have ended the outage or begun another one
   */
  CountedOutage(
      RefusedPeer peer, RefusalReason reason, boolean proved, Predicate<Instant> changedSince) {
    this.peer = peer;
    this.reason = reason;
    this.proved = proved;
    this.changedSince = changedSince;
  }

  /**
   * Counts a refusal.
   *
   * @param begin when its evaluation began; the time from there to its end is no silence
   * @param end when it was refused
   * @param hash tells subjects or credentials apart
   * @param named whether its subject is known
   */
  synchronized void add(Moment begin, Moment end, int hash, boolean named) {
    long silence = nanosSinceLast(begin.nanos());
    long pause = nanosSinceLast(end.nanos());
    if (series.count == 0) {
      series = new Series(begin.time());
    } else if (silence > longestSilence()) {
      comeBack(begin, silence);
      pauseNanos = cameBack && silence <= LONGEST_NANOS ? pause : 0;
      pauseEnd = end.nanos();
      cameBack = silence <= LONGEST_NANOS;
    } else {
      if (silence > SHORTEST_NANOS && changedSince.test(last.time())) {
        beginAnew(begin, null);
      }
      if (pause >= fadedPause(end.nanos())) {
        pauseNanos = pause;
        pauseEnd = end.nanos();
      }
    }
    served = 0;
    last = series.count == 0 || end.nanos() - last.nanos() > 0 ? end : last;
    series.add(begin.time(), hash, named);
  }

  /** The same outage goes on after a pause, unless it may be another one. */
  private void comeBack(Moment begin, long silence) {
    if (silence > LONGEST_NANOS || served == ENOUGH_SERVED || changedSince.test(last.time())) {
      beginAnew(begin, null);
    } else if (series.count >= FEWEST) {
      before = null;
    } else if (before != null) {
      before.add(series);
      series = before;
      before = null;
    } else if (!cameBack) {
      beginAnew(begin, series);
    }
  }

  private void beginAnew(Moment begin, @Nullable Series former) {
    before = former;
    series = new Series(begin.time());
  }

  /** Notes that the peer did what it refused or failed to do before. */
  synchronized void serve() {
    served = Math.min(served + 1, ENOUGH_SERVED);
  }

  /** Zero for a time before the last refusal. */
  private long nanosSinceLast(long nanos) {
    return Math.max(0, nanos - last.nanos());
  }

  /** The longest pause counts less and less, and nothing after a minute. */
  private long fadedPause(long at) {
    double left = 1 - Math.clamp(at - pauseEnd, 0, LONGEST_NANOS) / (double) LONGEST_NANOS;
    return (long) (pauseNanos * left);
  }

  /** A peer that works again needs no longer silence: its callers come back by themselves. */
  private long longestSilence() {
    if (served == ENOUGH_SERVED) {
      return SHORTEST_NANOS;
    }
    long pause = fadedPause(last.nanos());
    return Math.clamp(pause + pause / 2, SHORTEST_NANOS, LONGEST_NANOS);
  }

  synchronized Outage at(long nanos) {
    return new Outage(
        peer.kind(),
        peer.name(),
        reason,
        proved,
        series.since,
        series.begun,
        last.time(),
        nanosSinceLast(nanos) > longestSilence(),
        series.count,
        series.distinct(),
        series.subjects);
  }

  boolean isOfUpstream(String name) {
    return peer.kind() == SubjectKind.UPSTREAM && peer.name().equals(name);
  }

  synchronized boolean isOlderThan(Duration age, long nanos) {
    return nanosSinceLast(nanos) > age.toNanos();
  }

  /** Refusals that are counted together. */
  private static final class Series {

    private final BitSet seen = new BitSet(BITS);
    private Instant since;
    private Instant begun; // the last of the first few
    private long count;
    private boolean subjects = true;

    Series(Instant since) {
      this.since = since;
      this.begun = since;
    }

    void add(Instant begin, int hash, boolean named) {
      since = begin.isBefore(since) ? begin : since;
      count++;
      begun = count <= FEWEST ? latest(begun, begin) : begun;
      subjects &= named;
      seen.set(Math.floorMod(hash, BITS));
    }

    /** Adds a later series. */
    void add(Series later) {
      since = later.since.isBefore(since) ? later.since : since;
      begun = latest(begun, later.begun);
      count += later.count;
      subjects &= later.subjects;
      seen.or(later.seen);
    }

    private static Instant latest(Instant one, Instant other) {
      return other.isAfter(one) ? other : one;
    }

    /** By Whang's linear counting: nearly exact for few, within a tenth for a few thousand. */
    long distinct() {
      int free = Math.max(1, BITS - seen.cardinality());
      return Math.min(count, Math.round(-BITS * Math.log(free / (double) BITS)));
    }
  }
}
