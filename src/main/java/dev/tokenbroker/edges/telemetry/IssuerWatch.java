package dev.tokenbroker.edges.telemetry;

import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.judge.issuer.ClockOffset;
import dev.tokenbroker.judge.issuer.IssuerSettings;
import dev.tokenbroker.judge.issuer.KeySetSource;
import dev.tokenbroker.judge.issuer.KeySetSource.KeySetStatus;
import dev.tokenbroker.judge.issuer.KeySetSource.KeySetStatus.Freshness;
import java.time.Duration;
import java.time.Instant;

/**
 * Reads the numbers of one issuer's keys from their source at each call. Unknown numbers are NaN.
 * The window of the bound opens with the watch. Safe for use by many threads.
 */
final class IssuerWatch {

  private final KeySetSource keys;
  private final IssuerSettings settings;
  private final Clocks clock;
  private final long sinceNanos;
  private final long fetchesBefore;

  IssuerWatch(KeySetSource keys, IssuerSettings settings, Clocks clock) {
    this.keys = keys;
    this.settings = settings;
    this.clock = clock;
    this.sinceNanos = clock.nanoTime();
    this.fetchesBefore = boundFetches();
  }

  boolean reads(KeySetSource source) {
    return keys.equals(source);
  }

  double keyCount() {
    return status().keyCount();
  }

  double keyAgeSeconds() {
    Instant fetchedAt = status().fetchedAt();
    return fetchedAt == null ? Double.NaN : seconds(Duration.between(fetchedAt, clock.instant()));
  }

  double clockOffsetSeconds() {
    ClockOffset offset = status().clockOffset();
    return offset == null ? Double.NaN : seconds(offset.measured());
  }

  Freshness freshness() {
    return status().freshness();
  }

  double fetches() {
    return status().fetches();
  }

  double failures(RefusalReason reason) {
    return keys.failures(reason);
  }

  /**
   * The fetches of the window but those of probes, divided by 2 + W / cool-down + W / ttl; W is its
   * length.
   */
  double fetchBoundRatio() {
    double length = (clock.nanoTime() - sinceNanos) / 1e9;
    double allowed =
        2 + length / seconds(settings.keyCoolDown()) + length / seconds(settings.minKeyTtl());
    return (boundFetches() - fetchesBefore) / allowed;
  }

  private KeySetStatus status() {
    return keys.status();
  }

  private long boundFetches() {
    return status().fetches() - keys.probeFetches();
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }
}
