package dev.tokenbroker.edges.telemetry;

import static dev.tokenbroker.edges.telemetry.StateMeter.gauge;

import dev.tokenbroker.issue.signing.PublishedKeys;
import dev.tokenbroker.issue.signing.SigningKeys;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/** Meters of the signing keys: how many are published, and whether rotation goes on. */
@Singleton
final class SigningKeyMeters {

  private static final List<StateMeter<SigningKeyMeters>> METERS =
      List.of(
          gauge(BrokerMeter.SIGNING_KEYS, at -> at.keys.published().jwkList().size()),
          gauge(BrokerMeter.SIGNING_KEYS_AGE, SigningKeyMeters::ageSeconds),
          gauge(BrokerMeter.SIGNING_KEY_AVAILABLE, at -> at.keys.available() ? 1 : 0),
          gauge(BrokerMeter.SIGNING_KEY_PROBLEMS, at -> at.keys.problems()));

  private final SigningKeys keys;
  private final InstantSource clock;
  private volatile SeenKeys seen;

  SigningKeyMeters(MeterRegistry registry, SigningKeys keys, InstantSource clock) {
    this.keys = keys;
    this.clock = clock;
    this.seen = new SeenKeys(keys.published(), clock.instant());
    METERS.forEach(meter -> meter.register(registry, () -> this));
  }

  private record SeenKeys(PublishedKeys keys, Instant since) {}

  /** Notices a change of the published keys. */
  void follow() {
    PublishedKeys published = keys.published();
    if (seen.keys() != published) {
      seen = new SeenKeys(published, clock.instant());
    }
  }

  private double ageSeconds() {
    return Duration.between(seen.since(), clock.instant()).toMillis() / 1e3;
  }
}
