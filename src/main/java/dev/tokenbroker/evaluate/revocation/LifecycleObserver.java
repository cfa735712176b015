package dev.tokenbroker.evaluate.revocation;

import dev.tokenbroker.base.outcome.Outcome;
import dev.tokenbroker.evaluate.revocation.CallerAccess.KnownCaller;
import dev.tokenbroker.evaluate.revocation.Revocations.Revocation;
import java.time.Instant;

/**
 * Receives introspections and revocations before their response. Must be thread-safe, and may
 * block. Calls that the bulkhead rejects are not reported.
 */
public interface LifecycleObserver {

  /**
   * Receives the result of one call, even if its caller was refused.
   *
   * @param right the right that the call needs: all but {@link Right#OPERATE}
   * @param result the result or the reason of the refusal, in lower case, from a small set; {@code
   *     internal_error} for a bug
   */
  default void ended(Right right, String result) {}

  /**
   * Receives an attempt to revoke a token of ours. If this method throws, the caller gets a
   * refusal: overload for a {@link java.util.concurrent.RejectedExecutionException}, else a
   * failure.
   */
  default void revocation(RevocationRecord record) {}

  /**
   * The record of a call to revoke a token that this broker minted.
   *
   * @param time when the broker decided
   * @param from the caller as it presented itself
   * @param by the authenticated caller
   * @param token the token; records have only its claims, never its value
   * @param outcome the result
   */
  record RevocationRecord(
      Instant time,
      PresentedCaller from,
      KnownCaller by,
      MintedToken token,
      Outcome<Revocation> outcome) {}
}
