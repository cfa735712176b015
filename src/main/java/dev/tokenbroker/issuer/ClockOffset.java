package dev.tokenbroker.issuer;

import java.time.Duration;

/**
 * How far an issuer's clock is ahead of ours, as measured by the {@code Date} of a response.
 *
 * @param measured the issuer's clock less ours; negative where it is behind
 * @param uncertainty how far the real offset may differ, either way
 */
public record ClockOffset(Duration measured, Duration uncertainty) {

  /** Date is cut off to whole seconds, so it lacks half a second on average. */
  private static final Duration CUT_OFF = Duration.ofMillis(500);

  /**
   * @param dateLessOurs the date less our clock in the middle of the round trip
   * @param roundTrip the date was set at an unknown moment within it
   */
  static ClockOffset of(Duration dateLessOurs, Duration roundTrip) {
    return new ClockOffset(dateLessOurs.plus(CUT_OFF), CUT_OFF.plus(roundTrip.dividedBy(2)));
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
