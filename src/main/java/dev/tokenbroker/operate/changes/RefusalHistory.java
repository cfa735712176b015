package dev.tokenbroker.operate.changes;

import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.evaluate.exchange.ExchangeObserver;
import dev.tokenbroker.evaluate.exchange.ExchangeRecord;
import dev.tokenbroker.operate.changes.ChangeEvent.RefusedPeer;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.LongStream;

/**
 * Counts the refusals of the last fifteen minutes by issuer or upstream and reason, those that are
 * evidence of a change apart from the others. An accepted exchange costs one comparison.
 *
 * <p>Evidence is a refusal that a stranger cannot make up: a key of the issuer signed the
 * credential, be it one that was withdrawn lately, or {@linkplain Causes#isOfPeer a peer} causes
 * the refusal.
 *
 * <p>Names come from the federation, never from a request. There are {@value #MAX_COUNTERS}
 * counters at most, give or take one for each thread, so they take 6 MiB; refusals that find no
 * counter free are not counted. Refusals that are no evidence get half of the counters, so that
 * they leave room for evidence. Times are monotonic. Safe for use by many threads.
 */
@Singleton
public final class RefusalHistory implements ExchangeObserver {

  static final int MAX_COUNTERS = 4_096;

  private static final long NANOS_IN_MILLI = 1_000_000;

  private final Clocks clock;
  private final long firstBucket;

  /** By text: the hash code of a record is slow in a native executable. */
  private final Map<String, CountedRefusals> counters = new ConcurrentHashMap<>();

  /**
   * Refusals that are counted together.
   *
   * @param evidence whether a change may be blamed for them
   */
  record CountedRefusals(
      RefusedPeer peer, RefusalReason reason, boolean evidence, RefusalBuckets buckets) {}

  RefusalHistory(Clocks clock) {
    this.clock = clock;
    this.firstBucket = bucketBefore(Duration.ZERO);
  }

  @Override
  public void ended(ExchangeRecord record) {
    RefusalReason reason = record.verdict().reason();
    if (reason == null) {
      return;
    }
    boolean evidence =
        record.verdict().authentic() || record.signedByWithdrawnKey() || Causes.isOfPeer(reason);
    count(RefusedPeer.of(reason, record.verdict().issuer(), record.upstream()), reason, evidence);
  }

  void count(RefusedPeer peer, RefusalReason reason, boolean evidence) {
    String key = peer.kind().name() + ' ' + reason.name() + ' ' + evidence + ' ' + peer.name();
    CountedRefusals counter = counters.get(key);
    if (counter == null) {
      if (counters.size() >= (evidence ? MAX_COUNTERS : MAX_COUNTERS / 2)) {
        return;
      }
      counter =
          counters.computeIfAbsent(
              key, _ -> new CountedRefusals(peer, reason, evidence, new RefusalBuckets()));
    }
    long millis = millisBefore(Duration.ZERO);
    long width = RefusalBuckets.WIDTH.toMillis();
    counter.buckets().add(Math.floorDiv(millis, width), (int) Math.floorMod(millis, width));
  }

  /** The number of the bucket at a time ago. */
  long bucketBefore(Duration ago) {
    return Math.floorDiv(millisBefore(ago), RefusalBuckets.WIDTH.toMillis());
  }

  /** A time ago, in milliseconds since bucket 0. */
  long millisBefore(Duration ago) {
    return Math.floorDiv(clock.nanoTime() - ago.toNanos(), NANOS_IN_MILLI);
  }

  /** The number of the bucket at the start. */
  long firstBucket() {
    return firstBucket;
  }

  /** The refusals of the last fifteen minutes. */
  List<CountedRefusals> counted() {
    return List.copyOf(counters.values());
  }

  /**
   * The refusals of all issuers and upstreams over time.
   *
   * @param bucket how long each count lasts
   * @param elapsed how much of the last one has passed
   * @param counts the oldest first
   */
  public record RefusalCurve(Duration bucket, Duration elapsed, List<Long> counts) {}

  /** The refusals of the last fifteen minutes, until now. */
  public RefusalCurve curve() {
    long millis = millisBefore(Duration.ZERO);
    long width = RefusalBuckets.WIDTH.toMillis();
    long last = Math.floorDiv(millis, width);
    long[] sums = new long[RefusalBuckets.SHOWN];
    counters.values().forEach(counter -> counter.buckets().addTo(sums, last));
    return new RefusalCurve(
        RefusalBuckets.WIDTH,
        Duration.ofMillis(Math.floorMod(millis, width)),
        LongStream.of(sums).boxed().toList());
  }

  /** Forgets counters without a refusal in the last fifteen minutes. */
  void forgetPast() {
    long now = bucketBefore(Duration.ZERO);
    counters.values().removeIf(counter -> counter.buckets().isPast(now));
  }
}
