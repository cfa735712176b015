package dev.tokenbroker.edges.telemetry;

import dev.tokenbroker.base.time.Clocks;
import java.time.Duration;
import java.time.Instant;

/** A clock that goes on only when told. */
final class SteppedClock implements Clocks {

  private Instant now = Records.TIME;
  private long nanos = Long.MAX_VALUE - 1; // it may well overflow

  @Override
  public Instant instant() {
    return now;
  }

  /** Both the time of day and the monotonic one go on. */
  void advance(Duration time) {
    now = now.plus(time);
    nanos += time.toNanos();
  }

  /** The time of day jumps, as when NTP sets it; the monotonic one stays. */
  void jump(Duration time) {
    now = now.plus(time);
  }

  @Override
  public long nanoTime() {
    return nanos;
  }
}
