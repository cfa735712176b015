package dev.tokenbroker.edges.console;

import dev.tokenbroker.base.outcome.Step;
import dev.tokenbroker.edges.console.ExchangeTotals.Timed;
import dev.tokenbroker.edges.telemetry.ExchangeMeters;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;

/**
 * Makes the line of each second: all evaluations that ended in it, their latency, and how many of
 * them were not shown one by one. For the thread of the feed.
 */
@Singleton
final class ExchangeSeconds {

  /** How many reasons a line has; the most frequent ones. */
  static final int MAX_REASONS = 20;

  private final MeterRegistry registry;
  private final InstantSource clock;
  private final StepTimes times;
  private ExchangeTotals before;
  private long unshown;

  ExchangeSeconds(MeterRegistry registry, InstantSource clock, StepTimes times) {
    this.registry = registry;
    this.clock = clock;
    this.times = times;
    this.before = ExchangeTotals.read(registry);
  }

  /** Begins to count. */
  void begin() {
    before = ExchangeTotals.read(registry);
    unshown = 0;
    times.begin();
  }

  /** Stops counting. */
  void end() {
    times.end();
  }

  /**
   * The line of the second that has ended now.
   *
   * @param shown how many of its evaluations were shown one by one
   */
  LiveLine next(int shown) {
    ExchangeTotals now = ExchangeTotals.read(registry);
    Timed accepted = now.accepted().minus(before.accepted());
    Timed refused = now.refused().minus(before.refused());
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("event", "second");
    members.put("time", clock.instant().toString());
    members.put("accepted", accepted.count());
    members.put("refused", refused.count());
    members.put("left_out", leftOut(accepted.count() + refused.count() - shown));
    members.put("mean_micros", accepted.plus(refused).meanMicros());
    members.put("reasons", reasons(now));
    members.put("steps", steps(now));
    before = now;
    return LiveLine.counting(members);
  }

  /** One that was shown before it was counted is subtracted from the next second. */
  private long leftOut(long notShown) {
    unshown += notShown;
    long told = Math.max(0, unshown);
    unshown -= told;
    return told;
  }

  private List<Map<String, Object>> reasons(ExchangeTotals now) {
    return now.reasons().entrySet().stream()
        .map(total -> Map.entry(total.getKey(), total.getValue() - reasonsBefore(total.getKey())))
        .filter(risen -> risen.getValue() > 0)
        .sorted(Entry.<String, Long>comparingByValue().reversed())
        .limit(MAX_REASONS)
        .map(ExchangeSeconds::reason)
        .toList();
  }

  private long reasonsBefore(String key) {
    return before.reasons().getOrDefault(key, 0L);
  }

  private static Map<String, Object> reason(Entry<String, Long> risen) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("reason", ExchangeTotals.reason(risen.getKey()));
    String upstream = ExchangeTotals.upstream(risen.getKey());
    String issuer = ExchangeTotals.issuer(risen.getKey());
    if (!upstream.isEmpty()) {
      members.put("upstream", upstream);
    } else if (!issuer.equals(ExchangeMeters.NONE)) {
      members.put("issuer", issuer);
    }
    members.put("count", risen.getValue());
    return members;
  }

  private List<Map<String, Object>> steps(ExchangeTotals now) {
    List<Map<String, Object>> taken = new ArrayList<>();
    for (Step step : Step.all()) {
      Timed total = now.steps().getOrDefault(step.label(), Timed.NONE);
      Timed timed = total.minus(before.steps().get(step.label()));
      if (timed.count() > 0) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("step", step.label());
        members.put("count", timed.count());
        members.put("mean_micros", timed.meanMicros());
        members.put("at_most_micros", times.next(step));
        taken.add(members);
      }
    }
    return taken;
  }
}
