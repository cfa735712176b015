package dev.tokenbroker.operate.changes;

import dev.tokenbroker.base.change.Change.SubjectKind;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.operate.changes.ChangeEvent.RefusedPeer;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Counts the refusals of one peer for one reason, and decides when an outage ends and the next one
 * begins. Monotonic time decides; the wall clock is only shown. Safe for use by many threads.
 */
final class CountedOutage {

  /** Also the time after which a failure has nothing to do with a refusal any more. */
  static final Duration LONGEST_SILENCE = Duration.ofSeconds(60);

  /**
   * Some callers of a peer are refused and others served at the same time: their outage goes on.
   */
  private static final long SHORTEST_NANOS = Duration.ofSeconds(3).toNanos();

  /** Fewer refusals are no outage on the page. */
  private static final int FEWEST = 3;

  private static final int ENOUGH_SERVED = 3;
  private static final int BITS = 1_024;

  private final RefusedPeer peer;
  private final RefusalReason reason;
  private final boolean proved;
  private final BitSet seen = new BitSet(BITS);
  private Instant since = Instant.EPOCH;
  private Instant begun = Instant.EPOCH; // the last of the first few
  private Instant last = Instant.EPOCH;
  private long lastNanos;
  private long count;
  private boolean subjects;
  private int served; // in a row, since the last refusal; or refused for another reason

  CountedOutage(RefusedPeer peer, RefusalReason reason, boolean proved) {
    this.peer = peer;
    this.reason = reason;
    this.proved = proved;
  }

  /**
   * Counts a refusal.
   *
   * @param begin when its evaluation began
   * @param end when it was refused, and the same in monotonic time
   * @param hash tells subjects or credentials apart
   * @param named whether its subject is known
   */
  synchronized void add(Instant begin, Instant end, long endNanos, int hash, boolean named) {
    if (count == 0 || hasEnded(endNanos)) {
      since = begin;
      begun = begin;
      count = 0;
      subjects = true;
      seen.clear();
    }
    if (count == 0 || endNanos - lastNanos > 0) {
      last = end;
      lastNanos = endNanos;
    }
    count++;
    served = 0;
    since = begin.isBefore(since) ? begin : since;
    begun = count <= FEWEST && begin.isAfter(begun) ? begin : begun;
    subjects &= named;
    seen.set(Math.floorMod(hash, BITS));
  }

  /** Notes an accepted exchange of that issuer, for which that upstream has issued the token. */
  synchronized void serve(@Nullable String issuer, @Nullable String upstream) {
    noteIf(peer.name().equals(peer.kind() == SubjectKind.UPSTREAM ? upstream : issuer));
  }

  /** Notes that the peer is the cause of another refusal: what was wrong before has changed. */
  synchronized void pass(RefusedPeer other) {
    noteIf(peer.equals(other));
  }

  private void noteIf(boolean ofThisPeer) {
    if (ofThisPeer) {
      served = Math.min(served + 1, ENOUGH_SERVED);
    }
  }

  private boolean hasEnded(long nanos) {
    long silence = nanos - lastNanos;
    return silence > LONGEST_SILENCE.toNanos()
        || (silence > SHORTEST_NANOS && served == ENOUGH_SERVED);
  }

  synchronized Outage at(long nanos) {
    return new Outage(
        peer.kind(),
        peer.name(),
        reason,
        proved,
        since,
        begun,
        last,
        hasEnded(nanos),
        count,
        distinct(),
        subjects);
  }

  synchronized boolean isOlderThan(Duration age, long nanos) {
    return nanos - lastNanos > age.toNanos();
  }

  /** By Whang's linear counting: nearly exact for few, within a tenth for a few thousand. */
  private long distinct() {
    int free = Math.max(1, BITS - seen.cardinality());
    return Math.min(count, Math.round(-BITS * Math.log(free / (double) BITS)));
  }
}
