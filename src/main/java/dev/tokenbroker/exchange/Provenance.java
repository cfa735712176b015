package dev.tokenbroker.exchange;

import dev.tokenbroker.credential.VerifiedIdentity;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.Step;
import dev.tokenbroker.outcome.Trail;
import dev.tokenbroker.outcome.Trail.Finding;
import dev.tokenbroker.policy.Grant;
import dev.tokenbroker.token.IssuedToken;
import java.time.Instant;
import java.util.List;

/**
 * Whom a held token was made for, and what the verdict of each later holder says: made once, when
 * the token is stored.
 *
 * @param verdictId names the evaluation in which it was made
 * @param steps the steps of a hit
 * @param notes where the other steps were taken
 */
record Provenance(
    VerifiedIdentity identity,
    Grant grant,
    String verdictId,
    List<Finding> steps,
    List<String> notes) {

  private static final String HELD = "a token for the very same request";

  static Provenance of(VerifiedIdentity identity, Grant grant, String verdictId) {
    Trail trail = new Trail();
    trail.passed(Step.REQUEST, "", grant.audience());
    trail.passed(Step.CACHE, HELD, "made in evaluation " + verdictId);
    List<String> notes =
        List.of("The steps below were taken in evaluation " + verdictId + ", and hold still.");
    return new Provenance(identity, grant, verdictId, List.copyOf(trail.findings()), notes);
  }

  /** Whether all that was proved then is so still. */
  boolean stands(Instant now) {
    return identity.isStillProved(now);
  }

  /** The ending of one more who is given the token. */
  Judged<IssuedToken> givenAgain(IssuedToken token) {
    Trail trail = trail();
    trail.passed(Step.CACHE, HELD, "made in evaluation " + verdictId);
    return new Judged<>(Outcome.accepted(token), trail, identity, grant);
  }

  /** The ending of one more whom the upstream would refuse. */
  Judged<IssuedToken> refusedAgain(Refusal refusal) {
    Trail trail = trail();
    trail.note("The upstream said so in evaluation " + verdictId + ", and was not asked again.");
    return new Judged<>(trail.refuse(Step.CACHE, refusal), trail, identity, grant);
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
