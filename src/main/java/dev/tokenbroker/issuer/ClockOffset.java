package dev.tokenbroker.issuer;

import java.time.Duration;

/**
 * How far an issuer's clock is ahead of ours, as measured by the {@code Date} of an answer.
 *
 * @param measured the issuer's clock less ours; negative where it is behind
 * @param uncertainty how far the truth may be from that, either way
 */
public record ClockOffset(Duration measured, Duration uncertainty) {

  /** Date has whole seconds, cut off: half a second is what it lacks on average. */
  private static final Duration CUT_OFF = Duration.ofMillis(500);

  /**
   * @param dateLessOurs the date less our clock in the middle of the round trip
   * @param roundTrip within which the date was set, nobody knows when
   */
  static ClockOffset of(Duration dateLessOurs, Duration roundTrip) {
    return new ClockOffset(dateLessOurs.plus(CUT_OFF), CUT_OFF.plus(roundTrip.dividedBy(2)));
  }

  /** The least that it may be in truth. */
  public Duration least() {
    return measured.minus(uncertainty);
  }

  /** The most that it may be in truth. */
  public Duration most() {
    return measured.plus(uncertainty);
  }

  /** Whether the clocks are alike, for all that is known. */
  public boolean isWithinUncertainty() {
    return measured.abs().compareTo(uncertainty) <= 0;
  }
}
