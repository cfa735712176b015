package dev.tokenbroker.operate.candidate;

import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.evaluate.exchange.evaluation.Judged;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.judge.credential.AssumedIdentity;
import dev.tokenbroker.judge.credential.RegisteredClient;
import dev.tokenbroker.judge.credential.VerifiedIdentity;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import dev.tokenbroker.judge.issuer.TrustedIssuers.IssuerMatch;
import dev.tokenbroker.judge.policy.Policy.GrantRequest;
import dev.tokenbroker.judge.possession.AssumedKeys;
import dev.tokenbroker.judge.possession.ProvedKeys;
import dev.tokenbroker.operate.cases.Judgement;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/**
 * Judges credentials by a candidate. The federation in force has verified them: the signature
 * counts as good, and the candidate's issuer, times, audience and rules decide.
 *
 * @param federation the candidate
 */
record CandidateJudge(Federation federation) {

  /** The decision of the candidate at that moment. */
  Judgement judge(Judged judged, Instant now) {
    Trail trail = new Trail();
    return switch (identity(judged, now, trail)) {
      case Outcome.Accepted<VerifiedIdentity>(VerifiedIdentity identity) ->
          Judgement.of(federation.policy(), identity, request(judged), keys(judged), now);
      case Outcome.Refused<VerifiedIdentity>(Refusal why) ->
          new Judgement.Denied(
              why.reason(), trail.underWay(), null, why.seen(), why.hints(), trail.notes());
    };
  }

  /** The steps of the same decision, from the issuer on. */
  Trail trail(Judged judged, Instant now) {
    Trail trail = new Trail();
    trail.authenticated();
    GrantRequest request = federation.policy().bound(request(judged), keys(judged));
    identity(judged, now, trail)
        .then(identity -> federation.policy().authorise(identity, request, now, trail));
    return trail;
  }

  static GrantRequest request(Judged judged) {
    return new GrantRequest(judged.target(), Set.copyOf(judged.scopes()), judged.lifetime())
        .by(judged.client());
  }

  static ProvedKeys keys(Judged judged) {
    return AssumedKeys.of(judged.certificate(), judged.proof());
  }

  private Outcome<VerifiedIdentity> identity(Judged judged, Instant now, Trail trail) {
    String client = judged.client();
    if (client != null
        && federation.clients().exchanging(client)
            instanceof Outcome.Refused<RegisteredClient>(Refusal why)) {
      return trail.refuse(Step.CLIENT, why);
    }
    String iss = judged.identity().issuer().issuer();
    return switch (federation.issuers().find(iss, audiences(judged))) {
      case IssuerMatch.OneIssuer(TrustedIssuer issuer) -> identity(issuer, judged, now, trail);
      case IssuerMatch.UnknownIssuer _ ->
          trail.refuse(
              Step.ISSUER,
              Refusal.of(RefusalReason.ISSUER_UNKNOWN)
                  .expected("an issuer that the candidate trusts")
                  .seen(iss));
      case IssuerMatch.NoAudience _ ->
          trail.refuse(Step.ISSUER, undecided(RefusalReason.AUDIENCE_MISMATCH, judged));
      case IssuerMatch.SeveralIssuers _ ->
          trail.refuse(Step.ISSUER, undecided(RefusalReason.ISSUER_AMBIGUOUS, judged));
    };
  }

  private static Refusal undecided(RefusalReason reason, Judged judged) {
    return Refusal.of(reason)
        .expected("an audience of one of the issuers with this iss")
        .seen(String.join(", ", audiences(judged)));
  }

  private static List<String> audiences(Judged judged) {
    return switch (judged.identity().claims().get("aud")) {
      case String one -> List.of(one);
      case List<?> several ->
          several.stream().filter(String.class::isInstance).map(String.class::cast).toList();
      case null, default -> List.of();
    };
  }

  private static Outcome<VerifiedIdentity> identity(
      TrustedIssuer issuer, Judged judged, Instant now, Trail trail) {
    String iss = judged.identity().issuer().issuer();
    trail.issuer(issuer.name());
    if (issuer.disabled()) {
      return trail.refuse(
          Step.ISSUER,
          Refusal.of(RefusalReason.ISSUER_DISABLED)
              .expected("an issuer that is not disabled")
              .seen(iss));
    }
    trail.passed(Step.ISSUER, issuer.issuer(), iss);
    return switch (AssumedIdentity.at(issuer, judged.identity().claims(), now)) {
      case Outcome.Accepted<VerifiedIdentity> accepted -> accepted;
      case Outcome.Refused<VerifiedIdentity>(Refusal why) ->
          trail.refuse(
              why.reason() == RefusalReason.AUDIENCE_MISMATCH ? Step.AUDIENCE : Step.TIME, why);
    };
  }
}
