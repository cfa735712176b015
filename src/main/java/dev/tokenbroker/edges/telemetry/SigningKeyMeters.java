package dev.tokenbroker.edges.telemetry;

import dev.tokenbroker.issue.signing.PublishedKeys;
import dev.tokenbroker.issue.signing.SigningKeys;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** Meters of the signing keys: how many are published, and whether rotation goes on. */
@Singleton
final class SigningKeyMeters {

  private final SigningKeys keys;
  private final InstantSource clock;
  private volatile SeenKeys seen;

  SigningKeyMeters(MeterRegistry registry, SigningKeys keys, InstantSource clock) {
    this.keys = keys;
    this.clock = clock;
    this.seen = new SeenKeys(keys.published(), clock.instant());
    Gauge.builder(MeterNames.SIGNING_KEYS, this, at -> at.keys.published().jwkList().size())
        .description("Signing keys that are published")
        .register(registry);
    Gauge.builder(MeterNames.SIGNING_KEYS_AGE, this, SigningKeyMeters::ageSeconds)
        .description("Time since the published signing keys last changed, or since the start")
        .baseUnit(MeterNames.SECONDS)
        .register(registry);
    Gauge.builder(MeterNames.SIGNING_KEY_AVAILABLE, this, at -> at.keys.available() ? 1 : 0)
        .description("1 while tokens can be signed, else 0")
        .register(registry);
    Gauge.builder(MeterNames.SIGNING_KEY_PROBLEMS, this, at -> at.keys.problems())
        .description("Problems with the signing key files; 0 if all are usable")
        .register(registry);
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
