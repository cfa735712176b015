package dev.tokenbroker.edges.telemetry;

import static dev.tokenbroker.edges.telemetry.BrokerMeter.ISSUER_CLOCK_OFFSET;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.ISSUER_FETCHES;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.ISSUER_FETCH_BOUND_RATIO;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.ISSUER_FETCH_FAILURES;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.ISSUER_KEYS;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.ISSUER_KEYS_AGE;
import static dev.tokenbroker.edges.telemetry.BrokerMeter.ISSUER_KEYS_FRESHNESS;
import static dev.tokenbroker.edges.telemetry.MeterLabels.FRESHNESS;
import static dev.tokenbroker.edges.telemetry.MeterLabels.ISSUER;
import static dev.tokenbroker.edges.telemetry.MeterLabels.REASON;
import static dev.tokenbroker.edges.telemetry.StateMeter.counter;
import static dev.tokenbroker.edges.telemetry.StateMeter.gauge;

import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.judge.issuer.IssuerSettings;
import dev.tokenbroker.judge.issuer.KeySetSource;
import dev.tokenbroker.judge.issuer.KeySetSource.KeySetStatus.Freshness;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Singleton;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Meters of each trusted issuer's keys. A scrape reads the values. {@link #follow} gives new
 * issuers their meters and removes those of issuers that are gone.
 */
@Singleton
final class IssuerMeters {

  private static final List<StateMeter<IssuerWatch>> METERS =
      Stream.concat(
              Stream.of(
                  gauge(ISSUER_KEYS, IssuerWatch::keyCount),
                  gauge(ISSUER_KEYS_AGE, IssuerWatch::keyAgeSeconds),
                  gauge(ISSUER_CLOCK_OFFSET, IssuerWatch::clockOffsetSeconds),
                  gauge(ISSUER_FETCH_BOUND_RATIO, IssuerWatch::fetchBoundRatio),
                  counter(ISSUER_FETCHES, IssuerWatch::fetches)),
              Stream.concat(
                  KeySetSource.failureReasons().stream().sorted().map(IssuerMeters::failures),
                  Arrays.stream(Freshness.values()).map(IssuerMeters::freshness)))
          .toList();

  private final FollowedPeers<KeySetSource, IssuerWatch> issuers;

  IssuerMeters(MeterRegistry registry, IssuerSettings settings, Clocks clock) {
    this.issuers =
        new FollowedPeers<>(
            registry, ISSUER, METERS, (_, keys) -> new IssuerWatch(keys, settings, clock));
  }

  /** Gives these issuers meters, and removes those of all others. */
  void follow(List<TrustedIssuer> named) {
    Map<String, KeySetSource> keys = new HashMap<>();
    named.forEach(issuer -> keys.put(issuer.name(), issuer.keys()));
    issuers.follow(keys);
  }

  private static StateMeter<IssuerWatch> failures(RefusalReason reason) {
    return StateMeter.<IssuerWatch>counter(ISSUER_FETCH_FAILURES, at -> at.failures(reason))
        .with(REASON, reason.name());
  }

  private static StateMeter<IssuerWatch> freshness(Freshness freshness) {
    return StateMeter.<IssuerWatch>gauge(
            ISSUER_KEYS_FRESHNESS, at -> at.freshness() == freshness ? 1 : 0)
        .with(FRESHNESS, freshness.name().toLowerCase(Locale.ROOT));
  }
}
