package dev.tokenbroker.lifecycle;

import dev.tokenbroker.federation.KeptRevision;
import dev.tokenbroker.federation.KeptRevision.RolloutAction;
import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.possession.PresentedKeys;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The record of a call to put another revision of the federation in force, or of following such a
 * call at another replica.
 *
 * @param time when the broker decided
 * @param from the caller as it presented itself
 * @param by the authenticated caller; null if the caller called another replica
 * @param decidedBy the name of the caller that another replica authenticated; null for a call here
 * @param action what the caller ordered
 * @param before the revision in force at that time; null if there was none
 * @param revision the ordered revision
 * @param why the caller's words
 * @param refused the reason of the refusal; null if the revision comes into force
 */
public record RolloutRecord(
    Instant time,
    PresentedCaller from,
    @Nullable KnownCaller by,
    @Nullable String decidedBy,
    RolloutAction action,
    @Nullable String before,
    String revision,
    String why,
    @Nullable RefusalReason refused) {

  private static final PresentedCaller STORE =
      new PresentedCaller("", PresentedKeys.NONE, "store", "");

  /**
   * The record of following a decision of another replica.
   *
   * @param time when this replica followed
   */
  public static RolloutRecord followed(
      Instant time,
      KeptRevision decision,
      @Nullable String before,
      @Nullable RefusalReason refused) {
    return new RolloutRecord(
        time,
        STORE,
        null,
        decision.by(),
        decision.action(),
        before,
        decision.revision(),
        decision.reason(),
        refused);
  }
}
