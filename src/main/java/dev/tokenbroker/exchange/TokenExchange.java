package dev.tokenbroker.exchange;

import dev.tokenbroker.credential.CredentialVerifier;
import dev.tokenbroker.credential.PresentedCredential;
import dev.tokenbroker.credential.VerifiedIdentity;
import dev.tokenbroker.federation.Federation;
import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.outcome.Step;
import dev.tokenbroker.outcome.Trail;
import dev.tokenbroker.policy.Grant;
import dev.tokenbroker.policy.Supply;
import dev.tokenbroker.possession.Binding;
import dev.tokenbroker.possession.Confirmation;
import dev.tokenbroker.possession.ProvedKeys;
import dev.tokenbroker.token.CredentialDigest;
import dev.tokenbroker.token.IssuedToken;
import dev.tokenbroker.token.TokenMinter;
import dev.tokenbroker.token.Upstream;
import jakarta.inject.Singleton;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * The main job: <strong>verify</strong> the credential, <strong>authorise</strong> the identity,
 * <strong>mint</strong> the token or have it from the target's upstream (RFC 8693 section 2). Every
 * security step is reached from here, in this order, and nothing else issues a token.
 *
 * <p>Before that, what the caller says of keys that it holds is checked (RFC 9449 section 5): for
 * each request, also for one that is answered with a token that is held.
 *
 * <p>An explanation is the same evaluation, stopped where the token would be made.
 */
@Singleton
public final class TokenExchange {

  private final Evaluations evaluations;
  private final SharedEvaluations shared;
  private final Admission admission;
  private final CredentialVerifier verifier;
  private final OnceOnly once;
  private final TokenMinter minter;
  private final Proofs proofs;
  private final Steps issuing = this::issue;

  /** One parameter for each step, and for what is common to all. */
  TokenExchange(
      Evaluations evaluations,
      Proofs proofs,
      SharedEvaluations shared,
      Admission admission,
      CredentialVerifier verifier,
      OnceOnly once,
      TokenMinter minter) {
    this.evaluations = evaluations;
    this.proofs = proofs;
    this.shared = shared;
    this.admission = admission;
    this.verifier = verifier;
    this.once = once;
    this.minter = minter;
  }

  /**
   * Judges the request and issues the token, or says why not. Never waits: where a token is held,
   * or all that is needed for making one, the answer is given with the end of this turn, otherwise
   * later.
   *
   * @param home where the caller is answered: on the thread that this is called on, unless anywhere
   * @param answer is given the ending, exactly once, when it has been recorded; must not block
   */
  public void exchange(
      ExchangeRequest request, Deadline deadline, Home home, Consumer<Exchanged> answer) {
    Evaluation run = evaluations.open(request, Intent.EXCHANGE);
    Waiting caller = new Waiting(deadline, home, answer);
    try {
      exchange(run, caller);
    } catch (RuntimeException | Error bug) {
      // Recorded as what is refused is, and told by the same verdict.
      evaluations.close(run, bug, caller);
    }
  }

  private void exchange(Evaluation run, Waiting caller) {
    switch (accept(run)) {
      case Outcome.Refused<Posed>(Refusal refusal) ->
          evaluations.close(run, Judged.refused(new Trail(), Step.REQUEST, refusal), caller);
      case Outcome.Accepted<Posed>(Posed posed) ->
          proofs.take(run, caller, keys -> shared.ask(run, posed.by(keys), caller));
    }
  }

  /**
   * Judges the request and issues nothing. May wait for an issuer's keys, so never on an event
   * loop.
   */
  public Verdict explain(ExchangeRequest request, Deadline deadline) {
    Evaluation run = evaluations.open(request, Intent.EXPLAIN);
    Judged<Grant> judged =
        switch (accept(run)) {
          case Outcome.Refused<Posed>(Refusal refusal) ->
              Judged.refused(new Trail(), Step.REQUEST, refusal);
          case Outcome.Accepted<Posed>(Posed posed) ->
              switch (proofs.examine(run, deadline)) {
                case Proofs.Checked.Bad bad -> bad.judged(run);
                case Proofs.Checked.Good(ProvedKeys keys) -> explain(run, posed.by(keys), deadline);
              };
        };
    return evaluations.explained(run, judged);
  }

  private Outcome<Posed> accept(Evaluation run) {
    Federation federation = run.federation();
    if (federation == null) {
      return Outcome.refused(Refusal.of(RefusalReason.FEDERATION_NOT_LOADED));
    }
    return RequestRules.check(run.request())
        .then(
            asked ->
                verifier.accepts(asked.credential().tokenType())
                    ? Outcome.accepted(new Posed(asked, federation, issuing))
                    : Outcome.refused(
                        Refusal.of(RefusalReason.CREDENTIAL_TYPE_NOT_SUPPORTED)
                            .seen(asked.credential().tokenType())));
  }

  /** For one caller alone, on its thread. */
  private Judged<Grant> explain(Evaluation run, Posed posed, Deadline deadline) {
    CredentialDigest credential = run.credential();
    Judgement judgement = new Judgement(run.id(), posed.key(credential), posed, run.began());
    return admission
        .admit(credential, deadline)
        .through(() -> judgement.by(of -> explain(of, deadline)), judgement::refused);
  }

  private Outcome<IssuedToken> issue(Judgement run, Deadline deadline) {
    return authorise(run, deadline)
        .then(grant -> once.issue(run, grant, () -> make(run, grant, deadline)));
  }

  private Outcome<Grant> explain(Judgement run, Deadline deadline) {
    return authorise(run, deadline).then(grant -> once.explain(run, grant));
  }

  private Outcome<Grant> authorise(Judgement run, Deadline deadline) {
    return verify(run, deadline)
        .map(run::identified)
        .then(identity -> hold(run, identity))
        .then(identity -> decide(run, identity));
  }

  private Outcome<VerifiedIdentity> verify(Judgement run, Deadline deadline) {
    PresentedCredential credential = run.asked().credential();
    return verifier.verify(credential, run.federation().issuers(), deadline, run.trail());
  }

  /** Before anything is decided: a thief is to learn nothing of the rules. */
  private static Outcome<VerifiedIdentity> hold(Judgement run, VerifiedIdentity identity) {
    return Confirmation.isProved(identity.claims(), run.asked().keys())
        ? Outcome.accepted(identity)
        : run.trail()
            .refuse(
                Step.BINDING,
                Refusal.of(RefusalReason.CREDENTIAL_KEY_NOT_PROVED)
                    .expected("a proof of what the cnf of the credential names")
                    .seen(seen(run.asked().keys())));
  }

  private static String seen(ProvedKeys keys) {
    return keys.isEmpty()
        ? "none"
        : keys.bindings().stream().map(Binding::description).collect(Collectors.joining(", "));
  }

  private static Outcome<Grant> decide(Judgement run, VerifiedIdentity identity) {
    return run.federation()
        .policy()
        .authorise(identity, run.asked().grant(), run.began(), run.trail())
        .map(run::granted);
  }

  private Outcome<IssuedToken> make(Judgement run, Grant grant, Deadline deadline) {
    return switch (grant.supply()) {
      case Supply.Mint _ -> mint(run, grant, deadline);
      case Supply.Exchange from -> exchange(run, grant, from, deadline);
    };
  }

  private Outcome<IssuedToken> mint(Judgement run, Grant grant, Deadline deadline) {
    run.trail().begin(Step.MINT);
    if (deadline.hasPassed()) {
      return run.trail()
          .refuse(Step.MINT, Refusal.of(deadline.passed(RefusalReason.BROKER_OVERLOADED)));
    }
    return switch (minter.mint(grant)) {
      case Outcome.Accepted<IssuedToken>(IssuedToken token) -> {
        run.trail()
            .passed(Step.MINT, String.valueOf(grant.lifetime()), token.expireTime().toString());
        yield Outcome.accepted(token);
      }
      case Outcome.Refused<IssuedToken>(Refusal refusal) -> run.trail().refuse(Step.MINT, refusal);
    };
  }

  private static Outcome<IssuedToken> exchange(
      Judgement run, Grant grant, Supply.Exchange from, Deadline deadline) {
    run.trail().begin(Step.UPSTREAM);
    Upstream upstream = Objects.requireNonNull(run.federation().upstreams().get(from.upstream()));
    PresentedCredential credential = run.asked().credential();
    return upstream.exchange(run.key(), grant, credential, run.began(), deadline, run.trail());
  }
}
