package dev.tokenbroker.edges.telemetry;

import static dev.tokenbroker.edges.telemetry.BrokerMeter.UPSTREAM_ATTEMPTS;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.UPSTREAM_ATTEMPTS_PER_NEEDED;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.UPSTREAM_BOUND_HEADROOM;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.UPSTREAM_BOUND_RATIO;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.UPSTREAM_BUDGET_TOKENS;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.UPSTREAM_CIRCUIT_STATE;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.UPSTREAM_FAILURES;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.UPSTREAM_IDLE_PROBES;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.UPSTREAM_IDLE_PROBE_FAILURES;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.UPSTREAM_IN_FLIGHT;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.UPSTREAM_IN_FLIGHT_LIMIT;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.UPSTREAM_NEEDED;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.UPSTREAM_PROBES;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.UPSTREAM_REJECTIONS;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.UPSTREAM_RETRIES;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.UPSTREAM_SUCCESSES;
import static dev.tokenbroker.edges.telemetry.MeterLabels.REASON;
import static dev.tokenbroker.edges.telemetry.MeterLabels.STATE;
import static dev.tokenbroker.edges.telemetry.MeterLabels.UPSTREAM;
import static dev.tokenbroker.edges.telemetry.MeterLabels.WHY;

import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.issue.sts.Upstream;
import dev.tokenbroker.peers.guard.GuardSettings;
import dev.tokenbroker.peers.guard.PeerStatus;
import dev.tokenbroker.peers.guard.PeerStatus.CircuitState;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Singleton;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Meters of each upstream's guard: its state, and how much of its bound is used. A scrape reads the
 * values. {@link #follow} gives new upstreams their meters and removes those of upstreams that are
 * gone. The bound of a new upstream is logged in one line.
 */
@Singleton
final class UpstreamMeters {

  private static final Logger LOG = Logger.getLogger(UpstreamMeters.class);

  private static final List<StateMeter<UpstreamNumbers>> METERS =
      Stream.concat(
              Stream.of(
                  gauge(UPSTREAM_BOUND_RATIO, PeerStatus::boundRatio),
                  gauge(UPSTREAM_BOUND_HEADROOM, PeerStatus::headroom),
                  gauge(UPSTREAM_ATTEMPTS_PER_NEEDED, PeerStatus::attemptsPerNeeded),
                  gauge(UPSTREAM_BUDGET_TOKENS, PeerStatus::budgetTokens),
                  gauge(UPSTREAM_IN_FLIGHT, PeerStatus::inFlight),
                  gauge(UPSTREAM_IN_FLIGHT_LIMIT, PeerStatus::limit),
                  counter(UPSTREAM_ATTEMPTS, PeerStatus::attempts),
                  counter(UPSTREAM_NEEDED, PeerStatus::needed),
                  counter(UPSTREAM_PROBES, PeerStatus::probes),
                  counter(UPSTREAM_RETRIES, PeerStatus::retries),
                  counter(UPSTREAM_SUCCESSES, PeerStatus::successes),
                  StateMeter.<UpstreamNumbers>counter(
                      UPSTREAM_IDLE_PROBES, at -> at.probes().getAsLong()),
                  StateMeter.<UpstreamNumbers>counter(
                      UPSTREAM_IDLE_PROBE_FAILURES, at -> at.failedProbes().getAsLong()),
                  rejection("circuit", PeerStatus::rejectedByCircuit),
                  rejection("held", PeerStatus::rejectedByHold),
                  rejection("budget", PeerStatus::rejectedByBudget),
                  rejection("busy", PeerStatus::rejectedByBusy)),
              Stream.concat(
                  Arrays.stream(CircuitState.values()).map(UpstreamMeters::circuit),
                  Upstream.failureReasons().stream().sorted().map(UpstreamMeters::failures)))
          .toList();

  private final FollowedPeers<UpstreamNumbers> upstreams;
  private final GuardSettings settings;

  UpstreamMeters(MeterRegistry registry, GuardSettings settings) {
    this.upstreams = new FollowedPeers<>(registry, UPSTREAM, METERS);
    this.settings = settings;
  }

  /** Gives these upstreams meters, and removes those of all others. */
  void follow(Map<String, UpstreamNumbers> numbers) {
    for (String name : numbers.keySet()) {
      if (upstreams.followed(name) == null) {
        LOG.info(boundInWords(name, settings));
      }
    }
    upstreams.follow(numbers);
  }

  /**
   * The bounds B1 and B3 of {@code src/docs/operate/upstream-bound.md}, with the values of the
   * settings.
   */
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

  private static StateMeter<UpstreamNumbers> gauge(
      BrokerMeter meter, ToDoubleFunction<PeerStatus> value) {
    return StateMeter.gauge(meter, at -> value.applyAsDouble(at.guard().get()));
  }

  private static StateMeter<UpstreamNumbers> counter(
      BrokerMeter meter, ToDoubleFunction<PeerStatus> value) {
    return StateMeter.counter(meter, at -> value.applyAsDouble(at.guard().get()));
  }

  private static StateMeter<UpstreamNumbers> failures(RefusalReason reason) {
    return StateMeter.<UpstreamNumbers>counter(
            UPSTREAM_FAILURES, at -> at.failures().applyAsLong(reason))
        .with(REASON, reason.name());
  }

  private static StateMeter<UpstreamNumbers> rejection(
      String why, ToDoubleFunction<PeerStatus> value) {
    return counter(UPSTREAM_REJECTIONS, value).with(WHY, why);
  }

  private static StateMeter<UpstreamNumbers> circuit(CircuitState state) {
    return gauge(UPSTREAM_CIRCUIT_STATE, status -> status.circuit() == state ? 1 : 0)
        .with(STATE, state.name().toLowerCase(Locale.ROOT));
  }

  /**
   * The numbers of one upstream.
   *
   * @param guard the state of its guard
   * @param failures how many attempts have failed for a reason
   * @param probes how many probes were made
   * @param failedProbes how many of them have failed
   */
  record UpstreamNumbers(
      Supplier<PeerStatus> guard,
      ToLongFunction<RefusalReason> failures,
      LongSupplier probes,
      LongSupplier failedProbes) {

    static UpstreamNumbers of(Upstream upstream) {
      return new UpstreamNumbers(
          upstream::status, upstream::failures, upstream::probes, upstream::failedProbes);
    }
  }
}
