package dev.tokenbroker.evaluate.revocation;

import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.evaluate.revocation.CallerAccess.KnownCaller;
import dev.tokenbroker.evaluate.revocation.Revocations.Revocation;
import java.time.Instant;
import java.util.List;

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
   * The record of a call to revoke a token of this broker, or one that it got from an upstream.
   *
   * @param time when the broker decided
   * @param from the caller as it presented itself
   * @param by the authenticated caller
   * @param token the token; records never have its value
   * @param outcome the result
   */
  record RevocationRecord(
      Instant time,
      PresentedCaller from,
      KnownCaller by,
      TokenFacts token,
      Outcome<Revocation> outcome) {}

  /**
   * What is known of a token that a caller revokes.
   *
   * @param id as of {@link dev.tokenbroker.issue.signing.IssuedToken}
   * @param audiences the targets that it is for, at least one
   * @param subject the subject that it was issued for
   */
  record TokenFacts(
      String id,
      List<String> audiences,
      String subject,
      List<String> scopes,
      Instant issueTime,
      Instant expireTime) {

    public TokenFacts {
      audiences = List.copyOf(audiences);
      scopes = List.copyOf(scopes);
    }
  }
}
