package dev.tokenbroker.exchange;

import dev.tokenbroker.credential.VerifiedIdentity;
import dev.tokenbroker.outcome.Step;
import dev.tokenbroker.outcome.Trail;
import dev.tokenbroker.policy.Grant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the policy of a federation judged in one evaluation.
 *
 * @param identity without its claims where a token was held for the request
 * @param grant null if no rule allows the request; without claims where a token was held
 * @param scopes the requested ones, as the caller sent them
 * @param certificate whether the caller has a client certificate
 * @param proof whether the caller sent a DPoP proof
 */
public record Judged(
    VerifiedIdentity identity,
    @Nullable Grant grant,
    List<String> scopes,
    boolean certificate,
    boolean proof) {

  /** Null if the evaluation ended before the policy was asked. */
  static @Nullable Judged of(
      VerifiedIdentity identity, @Nullable Grant grant, ExchangeRequest request, Trail trail) {
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
            request.scopes(),
            request.keys().certificate() != null,
            request.keys().proof() != null)
        : null;
  }
}
