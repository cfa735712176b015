package dev.tokenbroker.evaluate.exchange;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.evaluate.exchange.admission.UpstreamTurns;
import dev.tokenbroker.evaluate.exchange.evaluation.EvaluationContext;
import dev.tokenbroker.evaluate.revocation.UpstreamTokens;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.issue.signing.TokenMinter;
import dev.tokenbroker.issue.sts.Upstream;
import dev.tokenbroker.judge.credential.VerifiedIdentity;
import dev.tokenbroker.judge.policy.Grant;
import dev.tokenbroker.judge.target.Presentation;
import dev.tokenbroker.judge.target.Supply;
import jakarta.inject.Singleton;
import java.util.Objects;
import java.util.Optional;

/**
 * The last steps of an evaluation: they make the token that a grant allows, minted here or
 * exchanged at the target's upstream. A credential that may be exchanged only once is used up
 * before.
 */
@Singleton
final class TokenIssuance {

  private final OnceOnly once;
  private final TokenMinter minter;
  private final UpstreamTurns turns;
  private final UpstreamTokens upstreamTokens;

  TokenIssuance(
      OnceOnly once, UpstreamTurns turns, TokenMinter minter, UpstreamTokens upstreamTokens) {
    this.once = once;
    this.turns = turns;
    this.minter = minter;
    this.upstreamTokens = upstreamTokens;
  }

  Outcome<IssuedToken> issue(EvaluationContext run, Grant grant, Deadline deadline) {
    return once.issue(
        identity(run),
        run.trail(),
        () ->
            switch (grant.supply()) {
              case Supply.Mint _ -> mint(run.trail(), grant, deadline);
              case Supply.Upstreamed from -> exchange(run, grant, from, deadline);
            });
  }

  /** Notes that a credential of an issuer which is not trusted is a token of this broker. */
  void noteOwn(String iss, Trail trail) {
    if (minter.isIssuer(iss)) {
      trail.note(
          "It is a token of this broker: send it to its target. Present the credential that it was"
              + " exchanged for, or declare this broker as an issuer.");
    }
  }

  /** Checks whether the token could be issued, and uses nothing up. */
  Outcome<Grant> explain(EvaluationContext run, Grant grant) {
    grant.supply().fromUpstream().ifPresent(from -> notePresentation(run.trail(), grant, from));
    return once.explain(identity(run), run.trail(), grant);
  }

  /** Notes what an upstream gets to see in place of the credential, or is asked for. */
  private static void notePresentation(Trail trail, Grant grant, Supply.Upstreamed from) {
    if (from.presentation() instanceof Presentation.Minted minted) {
      trail.note(
          "Upstream %s is to get a JWT of this broker in place of the credential: aud %s, for %d s at most."
              .formatted(from.upstream(), minted.audience(), minted.lifetime().toSeconds()));
      trail.note("The sub of that JWT is " + grant.subject() + ".");
    }
    if (!from.description().isEmpty()) {
      trail.note(from.description());
    }
  }

  private static VerifiedIdentity identity(EvaluationContext run) {
    return Objects.requireNonNull(run.identity(), "a grant is for an identity");
  }

  private Outcome<IssuedToken> mint(Trail trail, Grant grant, Deadline deadline) {
    trail.begin(Step.MINT);
    if (deadline.hasPassed()) {
      return trail.refuse(Step.MINT, Refusal.of(deadline.passed(RefusalReason.BROKER_OVERLOADED)));
    }
    return switch (minter.mint(grant)) {
      case Outcome.Accepted<IssuedToken>(IssuedToken token) -> {
        trail.passed(Step.MINT, String.valueOf(grant.lifetime()), token.expireTime().toString());
        yield Outcome.accepted(token);
      }
      case Outcome.Refused<IssuedToken>(Refusal refusal) -> trail.refuse(Step.MINT, refusal);
    };
  }

  private Outcome<IssuedToken> exchange(
      EvaluationContext run, Grant grant, Supply.Upstreamed from, Deadline deadline) {
    run.trail().begin(Step.UPSTREAM);
    Upstream upstream =
        Objects.requireNonNull(run.request().federation().upstreams().get(from.upstream()));
    notePresentation(run.trail(), grant, from);
    Optional<Refusal> limited =
        turns.await(identity(run), grant.audience(), from.upstream(), deadline);
    if (limited.isPresent()) {
      return run.trail().refuse(Step.UPSTREAM, limited.get());
    }
    Outcome<IssuedToken> outcome =
        upstream.exchange(
            run.key(), grant, run.request().credential(), run.began(), deadline, run.trail());
    if (upstream.revokes() && outcome instanceof Outcome.Accepted<IssuedToken>(IssuedToken token)) {
      upstreamTokens.keep(token, grant, upstream::revoke);
    }
    return outcome;
  }
}
