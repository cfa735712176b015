package dev.tokenbroker.exchange;

import dev.tokenbroker.credential.VerifiedIdentity;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.Step;
import dev.tokenbroker.outcome.Trail;
import dev.tokenbroker.policy.Grant;
import dev.tokenbroker.signing.IssuedToken;
import java.time.Instant;

/**
 * Whom a held token was made for, and what the verdict of each later holder says: made once, when
 * the first asks. Most tokens are never asked for again, so nothing is kept for that before.
 * Immutable to those who look.
 */
final class Provenance {

  private static final String HELD = "a token for the very same request";

  private final VerifiedIdentity identity;
  private final Grant grant;
  private final String verdictId;

  private Provenance(VerifiedIdentity identity, Grant grant, String verdictId) {
    this.identity = identity;
    this.grant = grant;
    this.verdictId = verdictId;
  }

  /**
   * @param verdictId names the evaluation in which the token was made
   */
  static Provenance of(VerifiedIdentity identity, Grant grant, String verdictId) {
    return new Provenance(identity.withoutClaims(), grant.withoutClaims(), verdictId);
  }

  /** The identity that the credential proved, without its claims. */
  VerifiedIdentity identity() {
    return identity;
  }

  /** Whether all that was proved then is so still. */
  boolean stands(Instant now) {
    return identity.isStillProved(now);
  }

  /** The ending of one more who is given the token. */
  EvaluationResult<IssuedToken> givenAgain(IssuedToken token) {
    return new EvaluationResult<>(Outcome.accepted(token), hit(), identity, grant);
  }

  /** The ending of one more whom the upstream would refuse. */
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
    trail.authenticated();
    trail.issuer(identity.issuer().name());
    trail.rule(grant.rule());
    return trail;
  }
}
