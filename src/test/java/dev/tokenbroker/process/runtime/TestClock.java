package dev.tokenbroker.process.runtime;

import dev.tokenbroker.base.time.Clocks;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;

/** A clock that moves only when it is told to. Safe for use by several threads. */
public final class TestClock implements Clocks {

  /** Where every test clock starts unless told otherwise. */
  public static final Instant START = Instant.parse("2026-11-24T12:00:00Z");

  private final AtomicReference<Instant> now;

  public TestClock() {
    this(START);
  }

  public TestClock(Instant start) {
    this.now = new AtomicReference<>(start);
  }

  @Override
  public Instant instant() {
    return now.get();
  }

  /** Moves by that much; a negative duration moves back. */
  public void advance(Duration time) {
    now.updateAndGet(instant -> instant.plus(time));
  }

  /** Nanoseconds since {@link #START}: the same clock for those who measure monotonic time. */
  @Override
  public long nanoTime() {
    return Duration.between(START, now.get()).toNanos();
  }
}
