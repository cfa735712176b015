package dev.tokenbroker.evaluate.revocation;

import dev.tokenbroker.base.outcome.Deadline;

/**
 * The caller of an operators' call, not authenticated yet.
 *
 * @param caller the caller as it presents itself
 * @param loopback whether the connection comes from this machine
 * @param deadline when the response is due
 */
public record CallingOperator(PresentedCaller caller, boolean loopback, Deadline deadline) {}
