package dev.tokenbroker.telemetry;

import dev.tokenbroker.issuer.IssuerSettings;
import dev.tokenbroker.issuer.KeySetSource;
import dev.tokenbroker.issuer.KeySetStatus;
import dev.tokenbroker.issuer.KeySetStatus.Freshness;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * The numbers of one issuer's keys, read from their source at the moment of asking. Unknown numbers
 * are NaN. Safe for use by many threads.
 */
final class IssuerWatch {

  private final IssuerSettings settings;
  private final InstantSource clock;
  private volatile Window window;

  IssuerWatch(KeySetSource keys, IssuerSettings settings, InstantSource clock) {
    this.settings = settings;
    this.clock = clock;
    this.window = opened(keys);
  }

  /** What the bound is measured over: a source, and how it stood when the window was opened. */
  private record Window(KeySetSource keys, Instant since, long fetchesBefore) {}

  /** Reads from that source from now on; another one than before opens a window of its own. */
  void follow(KeySetSource keys) {
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
    return seconds(status().clockOffset());
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
    double length = Math.max(0, seconds(Duration.between(at.since(), clock.instant())));
    double allowed =
        2 + length / seconds(settings.keyCoolDown()) + length / seconds(settings.minKeyTtl());
    return (at.keys().status().fetches() - at.fetchesBefore()) / allowed;
  }

  private KeySetStatus status() {
    return window.keys().status();
  }

  private Window opened(KeySetSource keys) {
    return new Window(keys, clock.instant(), keys.status().fetches());
  }

  private static double seconds(@Nullable Duration duration) {
    return duration == null ? Double.NaN : duration.toNanos() / 1e9;
  }
}
