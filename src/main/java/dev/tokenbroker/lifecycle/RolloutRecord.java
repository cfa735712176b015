package dev.tokenbroker.lifecycle;

import dev.tokenbroker.federation.KeptRevision.RolloutAction;
import dev.tokenbroker.outcome.RefusalReason;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The record of a call to put another revision of the federation in force.
 *
 * @param time when the broker decided
 * @param from the caller as it presented itself
 * @param by the authenticated caller
 * @param action what the caller ordered
 * @param before the revision in force at that time; null if there was none
 * @param revision the ordered revision
 * @param why the caller's words
 * @param refused the reason of the refusal; null if the revision comes into force
 */
public record RolloutRecord(
    Instant time,
    PresentedCaller from,
    KnownCaller by,
    RolloutAction action,
    @Nullable String before,
    String revision,
    String why,
    @Nullable RefusalReason refused) {}
