package dev.tokenbroker.operate.changes;

import dev.tokenbroker.base.refusal.RefusalReason;

/**
 * The refusals of one issuer or upstream for one reason that rose after a change.
 *
 * @param name the issuer or upstream, as in the federation document
 * @param reason the reason
 * @param before how many there were in the five minutes before, projected soon after a start
 * @param after how many there have been since, until five minutes after the event
 * @param delaySeconds the time from the event to the first of them; negative if the broker noticed
 *     the change later than its first refusal
 */
public record RisenRefusals(
    String name, RefusalReason reason, long before, long after, long delaySeconds) {

  /**
   * {@code SIGNATURE_INVALID of github rose, 40 s after key-removed: X -> (none)}. Without a
   * number: that of the {@link Outage} grows, and a text that is kept would not.
   */
  public String text(ChangeEvent cause) {
    return "%s of %s rose, %s %s".formatted(reason, name, delay(), cause.text());
  }

  private String delay() {
    return delaySeconds < 0
        ? "beginning %d s before the broker noticed".formatted(-delaySeconds)
        : "%d s after".formatted(delaySeconds);
  }

  /** Whether they are of that peer, and for that reason. */
  boolean isOf(RefusalEvidence refused) {
    return reason == refused.reason() && name.equals(refused.peer().name());
  }

  /** Whether it concerns the same refusals, whatever their number. */
  boolean isSameAs(RisenRefusals other) {
    return reason == other.reason && name.equals(other.name);
  }
}
