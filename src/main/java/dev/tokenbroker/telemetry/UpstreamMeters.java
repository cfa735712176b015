package dev.tokenbroker.telemetry;

import dev.tokenbroker.upstream.CircuitState;
import dev.tokenbroker.upstream.GuardSettings;
import dev.tokenbroker.upstream.PeerStatus;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Singleton;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jboss.logging.Logger;

/**
 * How the guard of each upstream stands and how much of its bound is used. Values are read from the
 * guard when a scrape asks for them; which upstreams there are follows {@link #follow}: a new one
 * gets its meters and has its bound logged in one line, one that is gone loses them.
 */
@Singleton
final class UpstreamMeters {

  private static final Logger LOG = Logger.getLogger(UpstreamMeters.class);

  private static final List<Figure> GAUGES =
      List.of(
          new Figure(
              MeterNames.UPSTREAM_BOUND_RATIO,
              "Attempts over needed + burst + ratio x successes; at most 1",
              PeerStatus::boundRatio),
          new Figure(
              MeterNames.UPSTREAM_BOUND_HEADROOM,
              "Retries that the upstream bound still allows; at least 0",
              PeerStatus::headroom),
          new Figure(
              MeterNames.UPSTREAM_ATTEMPTS_PER_NEEDED,
              "Attempts over those that were needed; NaN until there is one",
              PeerStatus::attemptsPerNeeded),
          new Figure(
              MeterNames.UPSTREAM_BUDGET_TOKENS,
              "Retries that the budget allows now",
              PeerStatus::budgetTokens),
          new Figure(MeterNames.UPSTREAM_IN_FLIGHT, "Attempts under way", PeerStatus::inFlight),
          new Figure(
              MeterNames.UPSTREAM_IN_FLIGHT_LIMIT,
              "Attempts that may be under way",
              PeerStatus::limit));

  private static final List<Figure> COUNTERS =
      List.of(
          new Figure(MeterNames.UPSTREAM_ATTEMPTS, "Attempts begun", PeerStatus::attempts),
          new Figure(
              MeterNames.UPSTREAM_NEEDED,
              "Attempts that were needed, probes included",
              PeerStatus::needed),
          new Figure(
              MeterNames.UPSTREAM_PROBES,
              "Attempts that only found out whether the upstream is back",
              PeerStatus::probes),
          new Figure(
              MeterNames.UPSTREAM_RETRIES,
              "Attempts that took a token of the budget",
              PeerStatus::retries),
          new Figure(
              MeterNames.UPSTREAM_SUCCESSES,
              "Attempts that the upstream answered, refusals included",
              PeerStatus::successes),
          new Figure(MeterNames.UPSTREAM_FAILURES, "Attempts that failed", PeerStatus::failures));

  private static final Map<String, ToDoubleFunction<PeerStatus>> REJECTIONS =
      Map.of(
          "circuit", PeerStatus::rejectedByCircuit,
          "held", PeerStatus::rejectedByHold,
          "budget", PeerStatus::rejectedByBudget,
          "busy", PeerStatus::rejectedByBusy);

  private final MeterRegistry registry;
  private final GuardSettings settings;
  private final Map<String, Registered> byName = new HashMap<>();

  UpstreamMeters(MeterRegistry registry, GuardSettings settings) {
    this.registry = registry;
    this.settings = settings;
  }

  /** A number of a guard, by the name under which it is shown. */
  private record Figure(String meter, String description, ToDoubleFunction<PeerStatus> value) {}

  // Micrometer holds the watch weakly: this keeps it.
  private record Registered(Watch watch, List<Meter> meters) {}

  /** Makes these the upstreams that have meters. */
  synchronized void follow(Map<String, Supplier<PeerStatus>> upstreams) {
    upstreams.forEach(
        (name, guard) ->
            byName.computeIfAbsent(name, fresh -> register(fresh, guard)).watch().follow(guard));
    byName
        .entrySet()
        .removeIf(entry -> !upstreams.containsKey(entry.getKey()) && removed(entry.getValue()));
  }

  /** The bounds B1 and B3 of {@code src/docs/upstream-bound.md}, as the settings have them. */
  static String boundInWords(String upstream, GuardSettings settings) {
    return "Upstream %s: at most needed + %d + %s x successes exchanges; in an outage at most %d + %d + 1 every %s s"
        .formatted(
            upstream,
            settings.retryBurst(),
            plain(settings.retryRatio()),
            settings.circuitFailures(),
            settings.concurrency(),
            plain(settings.probeInterval().toMillis() / 1e3));
  }

  private static String plain(double number) {
    return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
  }

  private boolean removed(Registered gone) {
    gone.meters().forEach(registry::remove);
    return true;
  }

  private Registered register(String name, Supplier<PeerStatus> guard) {
    LOG.info(boundInWords(name, settings));
    Watch watch = new Watch(guard);
    List<Meter> meters = new ArrayList<>();
    for (Figure figure : GAUGES) {
      meters.add(
          Gauge.builder(figure.meter(), watch, at -> figure.value().applyAsDouble(at.status()))
              .description(figure.description())
              .tag(MeterNames.UPSTREAM, name)
              .register(registry));
    }
    for (CircuitState state : CircuitState.values()) {
      meters.add(circuit(name, watch, state));
    }
    for (Figure figure : COUNTERS) {
      meters.add(counter(figure, watch, name).register(registry));
    }
    REJECTIONS.forEach(
        (why, value) ->
            meters.add(
                counter(
                        new Figure(
                            MeterNames.UPSTREAM_REJECTIONS,
                            "Attempts that the guard did not make",
                            value),
                        watch,
                        name)
                    .tag(MeterNames.WHY, why)
                    .register(registry)));
    return new Registered(watch, List.copyOf(meters));
  }

  private Meter circuit(String name, Watch watch, CircuitState state) {
    return Gauge.builder(
            MeterNames.UPSTREAM_CIRCUIT_STATE, watch, at -> at.status().circuit() == state ? 1 : 0)
        .description("1 for the state that the circuit is in, 0 for the others")
        .tag(MeterNames.UPSTREAM, name)
        .tag(MeterNames.STATE, state.name().toLowerCase(Locale.ROOT))
        .register(registry);
  }

  private static FunctionCounter.Builder<Watch> counter(Figure figure, Watch watch, String name) {
    return FunctionCounter.builder(
            figure.meter(), watch, at -> figure.value().applyAsDouble(at.status()))
        .description(figure.description())
        .tag(MeterNames.UPSTREAM, name);
  }

  /** The guard that an upstream has now; another definition of the same name has another. */
  private static final class Watch {

    private volatile Supplier<PeerStatus> guard;

    Watch(Supplier<PeerStatus> guard) {
      this.guard = guard;
    }

    void follow(Supplier<PeerStatus> now) {
      guard = now;
    }

    PeerStatus status() {
      return guard.get();
    }
  }
}
