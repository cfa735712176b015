package dev.tokenbroker.edges.console;

import dev.tokenbroker.base.json.JsonBytes;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeObserver;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRecord;
import dev.tokenbroker.evaluate.exchange.evaluation.Intent;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Makes the line of each second: all evaluations that ended in it, their latency, and how many of
 * them were not shown one by one. An evaluation costs one volatile read while nobody watches.
 *
 * <p>Evaluations are counted by many threads; everything else is for the thread of the feed.
 */
@Singleton
final class ExchangeSeconds implements ExchangeObserver {

  /** How many reasons a line has; the most frequent ones. */
  static final int MAX_REASONS = 20;

  private final InstantSource clock;
  private final StepTimes steps = new StepTimes();
  private final AtomicLong accepted = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong nanos = new AtomicLong();
  private final Map<RefusedAt, Long> reasons = new ConcurrentHashMap<>();
  private volatile boolean watched;
  private long unshown;

  ExchangeSeconds(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * A reason and its peer.
   *
   * @param kind the member that names the peer
   * @param peer null if the issuer is unknown
   */
  private record RefusedAt(RefusalReason reason, String kind, @Nullable String peer) {

    // Refusals of an upstream are its own, whatever issuer the credential is of.
    static RefusedAt of(RefusalReason reason, ExchangeRecord record) {
      String upstream = reason.name().startsWith("UPSTREAM_") ? record.upstream() : null;
      return upstream == null
          ? new RefusedAt(reason, "issuer", record.verdict().issuer())
          : new RefusedAt(reason, "upstream", upstream);
    }

    Map<String, Object> members(long count) {
      Map<String, Object> members = new LinkedHashMap<>();
      members.put("reason", reason.name());
      JsonBytes.putUnlessEmpty(members, kind, peer);
      members.put("count", count);
      return members;
    }
  }

  @Override
  public void ended(ExchangeRecord record) {
    if (!watched) {
      return;
    }
    record.ownSteps().forEach(steps::count);
    Verdict verdict = record.verdict();
    if (verdict.intent() != Intent.REFRESH) {
      nanos.addAndGet(record.duration().toNanos());
      RefusalReason reason = verdict.reason();
      if (reason == null) {
        accepted.incrementAndGet();
      } else {
        refused.incrementAndGet();
        reasons.merge(RefusedAt.of(reason, record), 1L, Long::sum);
      }
    }
  }

  /** Discards all counts, and counts from now on. */
  void begin() {
    var _ = next(0);
    unshown = 0;
    watched = true;
  }

  /** Stops counting. */
  void end() {
    watched = false;
  }

  /**
   * The line of the second that has ended now.
   *
   * @param shown how many of its evaluations were shown one by one
   */
  LiveLine next(int shown) {
    long acceptedNow = accepted.getAndSet(0);
    long refusedNow = refused.getAndSet(0);
    long count = acceptedNow + refusedNow;
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("event", "second");
    members.put("time", clock.instant().toString());
    members.put("accepted", acceptedNow);
    members.put("refused", refusedNow);
    members.put("left_out", leftOut(count - shown));
    members.put("mean_micros", StepTimes.meanMicros(nanos.getAndSet(0), count));
    members.put("reasons", reasons());
    members.put("steps", steps.next());
    return LiveLine.counting(members);
  }

  /** One that was shown before it was counted is subtracted from the next second. */
  private long leftOut(long notShown) {
    unshown += notShown;
    long told = Math.max(0, unshown);
    unshown -= told;
    return told;
  }

  private List<Map<String, Object>> reasons() {
    return reasons.keySet().stream()
        .map(at -> Map.entry(at, Objects.requireNonNull(reasons.remove(at))))
        .sorted(Entry.<RefusedAt, Long>comparingByValue().reversed())
        .limit(MAX_REASONS)
        .map(risen -> risen.getKey().members(risen.getValue()))
        .toList();
  }
}
