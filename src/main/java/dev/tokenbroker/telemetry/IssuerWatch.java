package dev.tokenbroker.telemetry;

import dev.tokenbroker.issuer.ClockOffset;
import dev.tokenbroker.issuer.IssuerSettings;
import dev.tokenbroker.issuer.KeySetSource;
import dev.tokenbroker.issuer.KeySetStatus;
import dev.tokenbroker.issuer.KeySetStatus.Freshness;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * The numbers of one issuer's keys, read from their source at the moment of asking. Unknown numbers
 * are NaN. Safe for use by many threads.
 */
final class IssuerWatch implements Watch<KeySetSource> {

  private final IssuerSettings settings;
  private final InstantSource clock;
  private final LongSupplier nanoTime;
  private volatile Window window;

  /**
   * @param clock the time of day, which the age of keys is told by
   * @param nanoTime a clock that never jumps, as the fetch budget has, to measure the bound by
   */
  IssuerWatch(
      KeySetSource keys, IssuerSettings settings, InstantSource clock, LongSupplier nanoTime) {
    this.settings = settings;
    this.clock = clock;
    this.nanoTime = nanoTime;
    this.window = opened(keys);
  }

  /** What the bound is measured over: a source, and how it stood when the window was opened. */
  private record Window(KeySetSource keys, long sinceNanos, long fetchesBefore) {}

  /** Another source than before opens a window of its own. */
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

  double failures() {
    return status().failures();
  }

  /** The fetches of the window over 2 + W / cool-down + W / ttl, W being the window's length. */
  double fetchBoundRatio() {
    Window at = window;
    double length = (nanoTime.getAsLong() - at.sinceNanos()) / 1e9;
    double allowed =
        2 + length / seconds(settings.keyCoolDown()) + length / seconds(settings.minKeyTtl());
    return (at.keys().status().fetches() - at.fetchesBefore()) / allowed;
  }

  private KeySetStatus status() {
    return window.keys().status();
  }

  private Window opened(KeySetSource keys) {
    return new Window(keys, nanoTime.getAsLong(), keys.status().fetches());
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }
}
