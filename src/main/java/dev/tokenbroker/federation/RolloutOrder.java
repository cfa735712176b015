package dev.tokenbroker.federation;

import dev.tokenbroker.outcome.Evidence;
import dev.tokenbroker.outcome.RefusalReason;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * An order to put a revision in force.
 *
 * @param time when it was decided; a later time counts if this broker carried out a later decision
 * @param revision the revision, in full
 * @param by the caller, for the history
 * @param reason why, in the caller's words
 * @param record records the change just before it happens; the reason of a refusal if it cannot be
 *     recorded, so that nothing changes
 */
public record RolloutOrder(
    Instant time,
    String revision,
    String by,
    String reason,
    Supplier<Optional<RefusalReason>> record) {

  /**
   * Cleans the texts, since a claim may be the caller's name: they go to the log and the history.
   */
  public RolloutOrder {
    by = Evidence.clean(by);
    reason = Evidence.clean(reason);
  }
}
