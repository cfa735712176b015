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

import dev.tokenbroker.base.refusal.RefusalReason;
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
public final class IssuerMeters {

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

  private final FollowedPeers<IssuerWatch> issuers;
  private final IssuerSettings settings;
  private final Clocks clock;

  IssuerMeters(MeterRegistry registry, IssuerSettings settings, Clocks clock) {
    this.issuers = new FollowedPeers<>(registry, ISSUER, METERS);
    this.settings = settings;
    this.clock = clock;
  }

  /** Gives these issuers meters, and removes those of all others. */
  void follow(List<TrustedIssuer> named) {
    Map<String, IssuerWatch> watches = new HashMap<>();
    named.forEach(issuer -> watches.put(issuer.name(), watch(issuer)));
    issuers.follow(watches);
  }

  /** The watch of an issuer: a new one, and so a new window of the bound, for other keys. */
  private IssuerWatch watch(TrustedIssuer issuer) {
    IssuerWatch known = issuers.followed(issuer.name());
    return known != null && known.reads(issuer.keys())
        ? known
        : new IssuerWatch(issuer.keys(), settings, clock);
  }

  /** The part of the bound that an issuer's key fetches have used; NaN for an unknown issuer. */
  public double fetchBoundRatio(String issuer) {
    IssuerWatch watch = issuers.followed(issuer);
    return watch == null ? Double.NaN : watch.fetchBoundRatio();
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
