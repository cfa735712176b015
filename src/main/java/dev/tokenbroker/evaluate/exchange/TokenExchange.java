package dev.tokenbroker.evaluate.exchange;

import static java.util.concurrent.CompletableFuture.completedStage;
import static java.util.concurrent.CompletableFuture.failedStage;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalKind;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.evaluate.exchange.cache.Flight;
import dev.tokenbroker.evaluate.exchange.cache.IssuedTokens;
import dev.tokenbroker.evaluate.exchange.cache.KeptToken;
import dev.tokenbroker.evaluate.exchange.evaluation.CheckedRequest;
import dev.tokenbroker.evaluate.exchange.evaluation.Evaluation;
import dev.tokenbroker.evaluate.exchange.evaluation.EvaluationContext;
import dev.tokenbroker.evaluate.exchange.evaluation.EvaluationResult;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRequest;
import dev.tokenbroker.evaluate.exchange.evaluation.Intent;
import dev.tokenbroker.evaluate.exchange.evaluation.Judged;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.judge.credential.CredentialVerifier;
import dev.tokenbroker.judge.credential.VerifiedIdentity;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import dev.tokenbroker.judge.policy.Grant;
import dev.tokenbroker.judge.policy.Policy;
import dev.tokenbroker.judge.policy.Policy.GrantRequest;
import dev.tokenbroker.judge.possession.Confirmation;
import dev.tokenbroker.judge.possession.ProvedKeys;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.eclipse.microprofile.faulttolerance.Bulkhead;
import org.eclipse.microprofile.faulttolerance.Fallback;
import org.eclipse.microprofile.faulttolerance.exceptions.BulkheadException;
import org.jspecify.annotations.Nullable;

/**
 * Exchanges a credential for a token: <strong>check</strong> the request and its
 * <strong>client</strong>, <strong>prove</strong> the caller's keys, give the token that is
 * <strong>held or shared</strong>. Otherwise <strong>verify</strong> the credential, see that the
 * caller <strong>holds</strong> its key, <strong>decide</strong> by rule, and
 * <strong>issue</strong> (RFC 8693 section 2). Every security step is here or called from here, in
 * this order. A proof of possession is used up when the credential is known to be good. An
 * explanation is the same evaluation, stopped before the token is made.
 */
@Singleton
public class TokenExchange {

  private final Evaluations evaluations;
  private final Clients clients;
  private final Proofs proofs;
  private final IssuedTokens tokens;
  private final EvaluationThreads threads;
  private final CredentialVerifier verifier;
  private final TokenIssuance issuance;
  private final KnownIdentities known = new KnownIdentities();

  TokenExchange(
      Evaluations evaluations,
      Clients clients,
      Proofs proofs,
      IssuedTokens tokens,
      EvaluationThreads threads,
      CredentialVerifier verifier,
      TokenIssuance issuance) {
    this.evaluations = evaluations;
    this.clients = clients;
    this.proofs = proofs;
    this.tokens = tokens;
    this.threads = threads;
    this.verifier = verifier;
    this.issuance = issuance;
  }

  /**
   * Judges the request and issues the token, or refuses. Never blocks.
   *
   * @param context runs code for this caller alone, in its trace
   * @return the result once it is recorded, on any thread
   */
  public CompletionStage<Exchanged> exchange(
      ExchangeRequest request, Deadline deadline, Executor context) {
    Evaluation run = evaluations.open(request, Intent.EXCHANGE, context);
    return evaluations.close(run, judge(() -> check(run, deadline)));
  }

  /** The result of all steps. A bug on the way is a result, too. */
  private static CompletionStage<EvaluationResult<IssuedToken>> judge(
      Supplier<CompletionStage<EvaluationResult<IssuedToken>>> steps) {
    try {
      return steps.get();
    } catch (RuntimeException | Error bug) {
      return failedStage(bug);
    }
  }

  private CompletionStage<EvaluationResult<IssuedToken>> check(Evaluation run, Deadline deadline) {
    boolean mayWait = run.request().keys().proof() != null || Clients.mayWait(run.request());
    return mayWait ? threads.supply(() -> ask(run, deadline)) : ask(run, deadline);
  }

  private CompletionStage<EvaluationResult<IssuedToken>> ask(Evaluation run, Deadline deadline) {
    return switch (clients.ask(run, null, deadline)) {
      case Clients.Asked.NotAsked refused -> completedStage(refused.of(run));
      case Clients.Asked.Request(CheckedRequest request) -> prove(run, request, deadline);
    };
  }

  private CompletionStage<EvaluationResult<IssuedToken>> prove(
      Evaluation run, CheckedRequest asked, Deadline deadline) {
    return switch (proofs.check(run, deadline)) {
      case Proofs.Checked.BadProof bad -> completedStage(bad.result(run));
      case Proofs.Checked.Good(ProvedKeys keys) -> {
        CheckedRequest request = isIndifferentTo(keys, asked) ? asked : asked.by(keys);
        CompletionStage<EvaluationResult<IssuedToken>> ended = heldOrShared(run, request, deadline);
        Duration lifetime = request.grant().lifetime();
        if (lifetime != null) {
          ended = ended.thenApply(result -> cut(result, run, lifetime));
        }
        if (request.stated() != null) {
          ended = ended.thenApply(result -> Clients.ended(run, request, result));
        }
        yield keys.proof() == null
            ? ended
            : threads.then(ended, result -> proofs.use(run, keys, result));
      }
    };
  }

  /**
   * Whether the token is the same by whatever keys. An upstream issues it, bound to none: a fresh
   * key in each request must not make a request to the upstream each.
   */
  private boolean isIndifferentTo(ProvedKeys keys, CheckedRequest asked) {
    return keys.proof() != null
        && asked.isUpstreamed()
        && !verifier.needsKeys(asked.credential(), asked.issuers());
  }

  /** The token of an upstream, which callers with other lifetimes share, for this caller. */
  private static EvaluationResult<IssuedToken> cut(
      EvaluationResult<IssuedToken> result, Evaluation run, Duration lifetime) {
    Grant grant = result.grant();
    Instant now = run.began().plusNanos(run.elapsedNanos());
    return grant != null && grant.supply().fromUpstream().isPresent()
        ? result.map(token -> token.within(run.began(), lifetime, now))
        : result;
  }

  private CompletionStage<EvaluationResult<IssuedToken>> heldOrShared(
      Evaluation run, CheckedRequest request, Deadline deadline) {
    EvaluationContext context = new EvaluationContext(run, request);
    IssuedTokens.Known known = tokens.known(context.key(), run.began());
    if (known != null) {
      if (known.refresh() != null) {
        refresh(evaluations.openRefresh(run), request, known.refresh());
      }
      return completedStage(known.result());
    }
    // Whether a credential is for once only, and of which client, is in its claims: those are not
    // read on an event loop.
    return request.issuers().haveOnceOnly() || request.stated() != null
        ? threads.supply(() -> shared(run, context, deadline))
        : shared(run, context, deadline);
  }

  private CompletionStage<EvaluationResult<IssuedToken>> shared(
      Evaluation run, EvaluationContext context, Deadline deadline) {
    CheckedRequest request = context.request();
    boolean alone =
        verifier.isOnceOnly(request.credential(), request.issuers())
            || clients.isOfAnother(request);
    Flight mine = new Flight(context, deadline, alone ? deadline : threads.longest());
    Flight flight = alone ? mine : tokens.share(mine, run.began());
    if (flight != mine) {
      return threads.join(flight, mine, run, deadline);
    }
    threads.begin(mine, this::issue, tokens::land);
    return threads.await(mine, deadline);
  }

  private void refresh(Evaluation run, CheckedRequest request, KeptToken held) {
    Deadline limit = threads.longest();
    Flight successor = new Flight(new EvaluationContext(run, request), limit, limit);
    held.succeededBy(successor);
    threads.begin(successor, this::issue, tokens.refreshing(held));
    var _ = evaluations.close(run, judge(() -> threads.await(successor, limit)));
  }

  private Outcome<IssuedToken> issue(EvaluationContext run, Deadline deadline) {
    return authorise(run, deadline)
        .then(grant -> proofs.use(run, grant))
        .then(grant -> issuance.issue(run, grant, deadline));
  }

  private Outcome<Grant> authorise(EvaluationContext run, Deadline deadline) {
    Outcome<Grant> judged = judge(run, deadline);
    run.trail().stranger(!known.isKnown(run, judged instanceof Outcome.Accepted));
    return judged;
  }

  /** Verifies, checks the key, decides. A caller without the credential's key learns no rules. */
  private Outcome<Grant> judge(EvaluationContext run, Deadline deadline) {
    CheckedRequest request = run.request();
    return verifier
        .verify(request.credential(), request.issuers(), deadline, run.trail())
        .mapRefusal(why -> noted(hidden(why, run.trail()), request.federation(), run.trail()))
        .map(run::identified)
        .then(identity -> Clients.require(identity, run, () -> known.isKnown(run, false)))
        .then(identity -> tokens.notRevoked(identity, run.trail()))
        .then(identity -> Confirmation.require(identity, request.keys(), run.trail()))
        .then(
            identity ->
                Clients.presenting(identity, run).then(asked -> decide(identity, asked, run)))
        .map(run::granted);
  }

  /** A request without a target gets the default of the issuer that signed its credential. */
  private static Outcome<Grant> decide(
      VerifiedIdentity identity, GrantRequest asked, EvaluationContext run) {
    Policy policy = run.request().federation().policy();
    GrantRequest wanted = asked;
    if (wanted.audience().isEmpty()) {
      String target = policy.defaultAudience(identity.issuer().name());
      if (target == null) {
        return run.trail()
            .refuse(Step.TARGET, Refusal.ofRequest(List.of(RequestRules.NO_AUDIENCE)));
      }
      wanted = policy.bound(wanted.to(target), run.request().keys());
    }
    return policy
        .authorise(identity, wanted, run.began(), run.trail())
        .then(grant -> Clients.notAnothers(grant, run))
        .then(grant -> Clients.require(identity, run, () -> true).map(_ -> grant));
  }

  /** A caller learns the same of an assertion that its client has not signed as of no client. */
  private static Refusal hidden(Refusal why, Trail trail) {
    String issuer = trail.issuer();
    if (issuer == null
        || !issuer.startsWith(TrustedIssuer.CLIENT_PREFIX)
        || trail.signed() != null
        || why.reason().kind() != RefusalKind.CREDENTIAL) {
      return why;
    }
    Refusal unknown =
        Refusal.of(RefusalReason.ISSUER_UNKNOWN)
            .seen(issuer)
            .note(
                "The assertion is refused with %s: expected %s, seen %s"
                    .formatted(why.reason(), why.expected(), why.seen()))
            .noted(why.hints());
    trail.refuse(trail.underWay(), unknown);
    return unknown;
  }

  private Refusal noted(Refusal why, Federation federation, Trail trail) {
    if (why.reason() == RefusalReason.ISSUER_UNKNOWN) {
      if (federation.clients().isName(why.seen())) {
        trail.note(
            "It is the name of a client, whose own assertion counts with client_credentials.");
      }
      federation.former().note(why.seen()).ifPresent(trail::note);
      issuance.noteOwn(why.seen(), trail);
    }
    return why;
  }

  /**
   * Judges the request and issues nothing. May wait for an issuer's keys: not on an event loop.
   *
   * @param client the registered client that an operator names: the request is judged as if that
   *     client had proved itself. Null for the client that the request proves
   */
  @Bulkhead(128)
  @Fallback(fallbackMethod = "explainLater", applyOn = BulkheadException.class)
  public Explanation explain(ExchangeRequest request, @Nullable String client, Deadline deadline) {
    Evaluation run = evaluations.open(request, Intent.EXPLAIN, Runnable::run);
    return evaluations.explained(run, explained(run, client, deadline));
  }

  private EvaluationResult<Grant> explained(
      Evaluation run, @Nullable String client, Deadline deadline) {
    return switch (clients.ask(run, client, deadline)) {
      case Clients.Asked.NotAsked refused -> refused.of(run);
      case Clients.Asked.Request(CheckedRequest request) ->
          explained(run, request, client != null, deadline);
    };
  }

  private EvaluationResult<Grant> explained(
      Evaluation run, CheckedRequest request, boolean assumed, Deadline deadline) {
    return switch (proofs.check(run, deadline)) {
      case Proofs.Checked.BadProof bad -> bad.result(run);
      case Proofs.Checked.Good(ProvedKeys keys) -> {
        EvaluationContext judged = new EvaluationContext(run, request.by(keys));
        if (assumed) {
          judged.trail().note("The operator named the client, which has proved nothing.");
        }
        yield threads.here(
            judged,
            deadline,
            context ->
                authorise(context, deadline)
                    .then(grant -> proofs.look(context, grant))
                    .then(grant -> issuance.explain(context, grant)));
      }
    };
  }

  /** The explanation if the bulkhead for explanations is full. */
  Explanation explainLater(ExchangeRequest request, @Nullable String client, Deadline deadline) {
    Evaluation run = evaluations.open(request, Intent.EXPLAIN, Runnable::run);
    return evaluations.explained(run, threads.overloaded());
  }

  /** How an exchange ended: the token or the refusal, and the whole verdict. */
  public record Exchanged(Outcome<IssuedToken> outcome, Verdict verdict) {}

  /**
   * The result of an explanation.
   *
   * @param verdict the whole verdict
   * @param judged what the policy judged; null if the evaluation ended before
   */
  public record Explanation(Verdict verdict, @Nullable Judged judged) {}
}
