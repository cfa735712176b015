package dev.tokenbroker.edges.telemetry;

import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.edges.telemetry.FollowedPeers.Watch;
import dev.tokenbroker.judge.issuer.ClockOffset;
import dev.tokenbroker.judge.issuer.IssuerSettings;
import dev.tokenbroker.judge.issuer.KeySetSource;
import dev.tokenbroker.judge.issuer.KeySetSource.KeySetStatus;
import dev.tokenbroker.judge.issuer.KeySetSource.KeySetStatus.Freshness;
import java.time.Duration;
import java.time.Instant;

/**
 * Reads the numbers of one issuer's keys from their source at each call. Unknown numbers are NaN.
 * Safe for use by many threads.
 */
final class IssuerWatch implements Watch<KeySetSource> {

  private final IssuerSettings settings;
  private final Clocks clock;
  private volatile Window window;

  IssuerWatch(KeySetSource keys, IssuerSettings settings, Clocks clock) {
    this.settings = settings;
    this.clock = clock;
    this.window = opened(keys);
  }

  /** The window of the bound: a source, and its state when the window opened. */
  private record Window(KeySetSource keys, long sinceNanos, long fetchesBefore) {

    static long fetches(KeySetSource keys) {
      return keys.status().fetches() - keys.probeFetches();
    }
  }

  /** Opens a new window if the source has changed. */
  @Override
  public void follow(KeySetSource keys) {
    if (!window.keys().equals(keys)) {
      window = opened(keys);
    }
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
    return window.keys().failures(reason);
  }

  /**
   * The fetches of the window but those of probes, divided by 2 + W / cool-down + W / ttl; W is its
   * length.
   */
  double fetchBoundRatio() {
    Window at = window;
    double length = (clock.nanoTime() - at.sinceNanos()) / 1e9;
    double allowed =
        2 + length / seconds(settings.keyCoolDown()) + length / seconds(settings.minKeyTtl());
    return (Window.fetches(at.keys()) - at.fetchesBefore()) / allowed;
  }

  private KeySetStatus status() {
    return window.keys().status();
  }

  private Window opened(KeySetSource keys) {
    return new Window(keys, clock.nanoTime(), Window.fetches(keys));
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }
}
