package dev.tokenbroker.evaluate.exchange.evaluation;

import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.judge.credential.VerifiedIdentity;
import dev.tokenbroker.judge.policy.Grant;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the policy of a federation judged in one evaluation.
 *
 * @param identity the identity; for a held token without its claims, unless a candidate is set
 * @param grant null if no rule allows the request; without claims where a token was held
 * @param target the requested target, as the caller sent it, or the issuer's default
 * @param scopes the requested ones, as the caller sent them
 * @param lifetime the requested lifetime; null for the target's own
 * @param certificate whether the caller has a client certificate
 * @param proof whether the caller sent a DPoP proof
 * @param client the client that presented the credential; null if none has proved itself
 */
public record Judged(
    VerifiedIdentity identity,
    @Nullable Grant grant,
    String target,
    List<String> scopes,
    @Nullable Duration lifetime,
    boolean certificate,
    boolean proof,
    @Nullable String client) {

  /** Null if the evaluation ended before the policy was asked. */
  static @Nullable Judged of(
      VerifiedIdentity identity,
      @Nullable Grant grant,
      ExchangeRequest request,
      String target,
      Trail trail) {
    Step failed = trail.failed();
    boolean judged =
        grant != null
            || (failed != null
                && failed.compareTo(Step.TARGET) >= 0
                && failed.compareTo(Step.BINDING) <= 0);
    return judged
        ? new Judged(
            identity,
            grant,
            target,
            request.scopes(),
            request.lifetime(),
            request.keys().certificate() != null,
            request.keys().proof() != null,
            trail.client())
        : null;
  }
}
