package dev.tokenbroker.judge.issuer;

import java.time.Duration;

/**
 * How far an issuer's clock is ahead of ours, as measured by the {@code Date} of a response.
 *
 * @param measured the issuer's clock less ours; negative where it is behind
 * @param uncertainty how far the real offset may differ, either way
 * @param jump how far our wall clock has moved since, against the time that has passed; zero for
 *     none. Where it is negative, {@code measured} takes it into account. A positive one has two
 *     possible causes, a clock that was set and a machine that was suspended, so {@code measured}
 *     is as it was.
 */
public record ClockOffset(Duration measured, Duration uncertainty, Duration jump) {

  /** A smaller difference between two clocks of one machine is no jump. */
  private static final Duration LEAST_JUMP = Duration.ofSeconds(1);

  /** Date is cut off to whole seconds, so it lacks half a second on average. */
  private static final Duration CUT_OFF = Duration.ofMillis(500);

  /**
   * Measures the offset by a response.
   *
   * @param dateLessOurs the date less our clock in the middle of the round trip
   * @param roundTrip the date was set at an unknown moment within it
   */
  public static ClockOffset of(Duration dateLessOurs, Duration roundTrip) {
    return new ClockOffset(
        dateLessOurs.plus(CUT_OFF), CUT_OFF.plus(roundTrip.dividedBy(2)), Duration.ZERO);
  }

  /**
   * The offset now, after a time in which our wall clock moved by {@code wall} and the monotonic
   * clock by {@code passed}.
   */
  ClockOffset after(Duration wall, Duration passed) {
    Duration moved = wall.minus(passed);
    if (moved.abs().compareTo(LEAST_JUMP) < 0) {
      return this;
    }
    return new ClockOffset(
        moved.isNegative() ? measured.minus(moved) : measured, uncertainty, moved);
  }

  /** The smallest possible offset. */
  public Duration least() {
    return measured.minus(uncertainty);
  }

  /** The largest possible offset. */
  public Duration most() {
    return measured.plus(uncertainty);
  }

  /** Whether the clocks may be equal, as far as the measurement can tell. */
  public boolean isWithinUncertainty() {
    return measured.abs().compareTo(uncertainty) <= 0;
  }
}
