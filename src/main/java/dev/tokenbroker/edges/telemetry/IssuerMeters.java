package dev.tokenbroker.edges.telemetry;

import static dev.tokenbroker.edges.telemetry.MeterLabels.FRESHNESS;
import static dev.tokenbroker.edges.telemetry.MeterLabels.ISSUER;
import static dev.tokenbroker.edges.telemetry.MeterLabels.REASON;
import static dev.tokenbroker.edges.telemetry.MeterNames.ISSUER_CLOCK_OFFSET;
import static dev.tokenbroker.edges.telemetry.MeterNames.ISSUER_FETCHES;
import static dev.tokenbroker.edges.telemetry.MeterNames.ISSUER_FETCH_BOUND_RATIO;
import static dev.tokenbroker.edges.telemetry.MeterNames.ISSUER_FETCH_FAILURES;
import static dev.tokenbroker.edges.telemetry.MeterNames.ISSUER_KEYS;
import static dev.tokenbroker.edges.telemetry.MeterNames.ISSUER_KEYS_AGE;
import static dev.tokenbroker.edges.telemetry.MeterNames.ISSUER_KEYS_FRESHNESS;
import static dev.tokenbroker.edges.telemetry.StateMeter.counter;
import static dev.tokenbroker.edges.telemetry.StateMeter.gauge;
import static dev.tokenbroker.edges.telemetry.StateMeter.seconds;

import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.judge.issuer.IssuerSettings;
import dev.tokenbroker.judge.issuer.KeySetSource;
import dev.tokenbroker.judge.issuer.KeySetSource.KeySetStatus.Freshness;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;
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
                  gauge(ISSUER_KEYS, "Usable keys held", IssuerWatch::keyCount),
                  seconds(
                      ISSUER_KEYS_AGE,
                      "Time since the keys held were fetched; NaN for keys that are not fetched",
                      IssuerWatch::keyAgeSeconds),
                  seconds(
                      ISSUER_CLOCK_OFFSET,
                      "The issuer's clock less ours; NaN until measured",
                      IssuerWatch::clockOffsetSeconds),
                  gauge(
                      ISSUER_FETCH_BOUND_RATIO,
                      "Fetches begun, without probes, over the fetches that the upstream bound allows; at most 1",
                      IssuerWatch::fetchBoundRatio),
                  counter(
                      ISSUER_FETCHES,
                      "Fetches begun, keys and discovery together, probes included",
                      IssuerWatch::fetches)),
              Stream.concat(
                  KeySetSource.failureReasons().stream().sorted().map(IssuerMeters::failures),
                  Arrays.stream(Freshness.values()).map(IssuerMeters::freshness)))
          .toList();

  private final FollowedPeers<KeySetSource, IssuerWatch> issuers;

  @Inject
  IssuerMeters(MeterRegistry registry, IssuerSettings settings, InstantSource clock) {
    this(registry, settings, clock, System::nanoTime);
  }

  IssuerMeters(
      MeterRegistry registry, IssuerSettings settings, InstantSource clock, LongSupplier nanoTime) {
    this.issuers =
        new FollowedPeers<>(
            registry,
            ISSUER,
            METERS,
            (_, keys) -> new IssuerWatch(keys, settings, clock, nanoTime));
  }

  /** Gives these issuers meters, and removes those of all others. */
  void follow(List<TrustedIssuer> named) {
    Map<String, KeySetSource> keys = new HashMap<>();
    named.forEach(issuer -> keys.put(issuer.name(), issuer.keys()));
    issuers.follow(keys);
  }

  private static StateMeter<IssuerWatch> failures(RefusalReason reason) {
    return StateMeter.<IssuerWatch>counter(
            ISSUER_FETCH_FAILURES, "Fetches that brought nothing usable", at -> at.failures(reason))
        .with(REASON, reason.name());
  }

  private static StateMeter<IssuerWatch> freshness(Freshness freshness) {
    return StateMeter.<IssuerWatch>gauge(
            ISSUER_KEYS_FRESHNESS,
            "1 for the freshness that the keys have, 0 for the others",
            at -> at.freshness() == freshness ? 1 : 0)
        .with(FRESHNESS, freshness.name().toLowerCase(Locale.ROOT));
  }
}
