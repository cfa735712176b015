package dev.tokenbroker.evaluate.exchange.cache;

import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.ShadowFinding;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.evaluate.exchange.evaluation.EvaluationResult;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.judge.credential.VerifiedIdentity;
import dev.tokenbroker.judge.policy.Grant;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The identity and the grant behind a cached token, from which the result of each later caller is
 * made. A result is made only on demand: most tokens never get a second request. Immutable.
 *
 * @param identity the identity that the credential proved, without its claims if {@code claimBytes}
 *     is zero
 * @param grant without its claims
 * @param verdictId the id of the evaluation that made the token
 * @param shadows what shadow rules would do, according to that evaluation
 * @param claimBytes the estimated memory of the identity's claims; zero if they are not kept
 */
record Provenance(
    VerifiedIdentity identity,
    Grant grant,
    String verdictId,
    List<ShadowFinding> shadows,
    int claimBytes) {

  private static final String HELD = "a token for the very same request";

  Provenance {
    identity = claimBytes == 0 ? identity.withoutClaims() : identity;
    grant = grant.withoutClaims();
    shadows = List.copyOf(shadows);
  }

  /** The provenance of that result; null if no rule gave anything. */
  static @Nullable Provenance of(
      String verdictId, EvaluationResult<?> result, boolean keepsClaims) {
    VerifiedIdentity identity = result.identity();
    Grant grant = result.grant();
    if (identity == null || grant == null) {
      return null;
    }
    int claimBytes = keepsClaims ? CacheWeight.of(identity.claims()) : 0;
    return new Provenance(identity, grant, verdictId, result.trail().shadows(), claimBytes);
  }

  /** Whether all that was proved then still holds. */
  boolean stands(Instant now) {
    return identity.isStillProved(now);
  }

  /** The result for one more caller that is given the token. */
  EvaluationResult<IssuedToken> givenAgain(IssuedToken token) {
    return new EvaluationResult<>(Outcome.accepted(token), hit(), identity, grant);
  }

  /** The result for one more caller that the upstream would refuse. */
  EvaluationResult<IssuedToken> refusedAgain(Refusal refusal) {
    Trail trail = trail();
    trail.note("The upstream said so in evaluation " + verdictId + ", and was not asked again.");
    return new EvaluationResult<>(trail.refuse(Step.CACHE, refusal), trail, identity, grant);
  }

  private Trail hit() {
    Trail trail = trail();
    trail.passed(Step.CACHE, HELD, "made in evaluation " + verdictId);
    trail.note("The steps below were taken in evaluation " + verdictId + ", and hold still.");
    return trail;
  }

  private Trail trail() {
    Trail trail = new Trail();
    trail.passed(Step.REQUEST, "", grant.audience());
    if (grant.client() != null) {
      trail.client(grant.client());
    }
    trail.authenticated();
    trail.issuer(identity.issuer().name());
    trail.rule(grant.rule());
    trail.shadows(shadows);
    return trail;
  }
}
