package dev.tokenbroker.exchange;

import dev.tokenbroker.credential.CredentialVerifier;
import dev.tokenbroker.credential.VerifiedIdentity;
import dev.tokenbroker.exchange.Evaluations.Ended;
import dev.tokenbroker.exchange.RequestRules.Asked;
import dev.tokenbroker.federation.Federation;
import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.outcome.Step;
import dev.tokenbroker.policy.Grant;
import dev.tokenbroker.token.IssuedToken;
import dev.tokenbroker.token.TokenMinter;
import jakarta.inject.Singleton;

/**
 * The main job: <strong>verify</strong> the credential, <strong>authorise</strong> the identity,
 * <strong>mint</strong> the token (RFC 8693 section 2). Every security step is reached from here,
 * in this order, and nothing else issues a token.
 *
 * <p>An explanation is the same evaluation, stopped where the token would be made. May wait for an
 * issuer's keys, so it runs on virtual threads; never past the deadline.
 */
@Singleton
public final class TokenExchange {

  private final Evaluations evaluations;
  private final CredentialVerifier verifier;
  private final TokenMinter minter;

  TokenExchange(Evaluations evaluations, CredentialVerifier verifier, TokenMinter minter) {
    this.evaluations = evaluations;
    this.verifier = verifier;
    this.minter = minter;
  }

  /** Judges the request and issues the token, or says why not. */
  public Exchanged exchange(ExchangeRequest request, Deadline deadline) {
    Ended<IssuedToken> ended =
        evaluations.run(
            request,
            Intent.EXCHANGE,
            run -> authorise(run, deadline).then(grant -> mint(run, grant, deadline)));
    return new Exchanged(ended.outcome(), ended.verdict());
  }

  /** Judges the request and issues nothing. */
  public Verdict explain(ExchangeRequest request, Deadline deadline) {
    return evaluations.run(request, Intent.EXPLAIN, run -> authorise(run, deadline)).verdict();
  }

  private Outcome<Grant> authorise(Evaluation run, Deadline deadline) {
    Federation federation = run.federation();
    if (federation == null) {
      return run.trail().refuse(Step.REQUEST, Refusal.of(RefusalReason.FEDERATION_NOT_LOADED));
    }
    return RequestRules.check(run.request(), run.trail())
        .then(
            asked ->
                verify(run, federation, asked, deadline)
                    .map(run::identified)
                    .then(identity -> decide(run, federation, identity, asked)));
  }

  private Outcome<VerifiedIdentity> verify(
      Evaluation run, Federation federation, Asked asked, Deadline deadline) {
    if (!verifier.accepts(asked.credential().tokenType())) {
      Refusal refusal = Refusal.of(RefusalReason.CREDENTIAL_TYPE_NOT_SUPPORTED);
      return run.trail().refuse(Step.REQUEST, refusal.seen(asked.credential().tokenType()));
    }
    return verifier.verify(asked.credential(), federation.issuers(), deadline, run.trail());
  }

  private static Outcome<Grant> decide(
      Evaluation run, Federation federation, VerifiedIdentity identity, Asked asked) {
    return federation
        .policy()
        .authorise(identity, asked.grant(), run.began(), run.trail())
        .map(run::granted);
  }

  private Outcome<IssuedToken> mint(Evaluation run, Grant grant, Deadline deadline) {
    if (deadline.hasPassed()) {
      return run.trail().refuse(Step.MINT, Refusal.of(RefusalReason.DEADLINE_EXCEEDED));
    }
    return switch (minter.mint(grant)) {
      case Outcome.Accepted<IssuedToken>(IssuedToken token) -> {
        run.trail()
            .passed(Step.MINT, String.valueOf(grant.lifetime()), token.expireTime().toString());
        yield Outcome.accepted(run.issued(token));
      }
      case Outcome.Refused<IssuedToken>(Refusal refusal) -> run.trail().refuse(Step.MINT, refusal);
    };
  }
}
