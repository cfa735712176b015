package dev.tokenbroker.changes;

import dev.tokenbroker.outcome.RefusalReason;

/**
 * The refusals of one issuer or upstream for one reason that rose after a change.
 *
 * @param name the issuer or upstream, as in the federation document
 * @param reason the reason
 * @param before how many there were in the five minutes before, projected soon after a start
 * @param after how many there have been since, for five minutes at most
 * @param perMinuteBefore the rate before
 * @param perMinuteAfter the rate since, over one minute at least
 * @param delaySeconds the time from the change to the first of them
 */
public record RisenRefusals(
    String name,
    RefusalReason reason,
    long before,
    long after,
    long perMinuteBefore,
    long perMinuteAfter,
    long delaySeconds) {

  /** {@code SIGNATURE_INVALID of github: 0 -> 41 a minute, 40 s after key-removed: X -> (none)}. */
  public String text(ChangeEvent cause) {
    return "%s of %s: %d -> %d a minute, %d s after %s"
        .formatted(reason, name, perMinuteBefore, perMinuteAfter, delaySeconds, cause.text());
  }

  /** Whether it concerns the same refusals, whatever their number. */
  boolean isSameAs(RisenRefusals other) {
    return reason == other.reason && name.equals(other.name);
  }
}
