package dev.tokenbroker.evaluate.exchange;

import static java.util.concurrent.CompletableFuture.completedStage;
import static java.util.concurrent.CompletableFuture.failedStage;

import dev.tokenbroker.base.outcome.Deadline;
import dev.tokenbroker.base.outcome.Outcome;
import dev.tokenbroker.base.outcome.Refusal;
import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.base.outcome.Step;
import dev.tokenbroker.base.outcome.Trail;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.judge.credential.CredentialVerifier;
import dev.tokenbroker.judge.credential.PresentedClient;
import dev.tokenbroker.judge.credential.VerifiedIdentity;
import dev.tokenbroker.judge.policy.Grant;
import dev.tokenbroker.judge.policy.Policy;
import dev.tokenbroker.judge.policy.Policy.GrantRequest;
import dev.tokenbroker.judge.possession.Confirmation;
import dev.tokenbroker.judge.possession.ProvedKeys;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
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
  private final ClientStep clients;
  private final Proofs proofs;
  private final IssuedTokens tokens;
  private final EvaluationThreads threads;
  private final CredentialVerifier verifier;
  private final TokenIssuance issuance;

  TokenExchange(
      Evaluations evaluations,
      ClientStep clients,
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
    return switch (RequestRules.check(run.request(), run.federation(), verifier::accepts)) {
      case Outcome.Refused<CheckedRequest>(Refusal why) ->
          completedStage(clients.withoutCredential(run, why, deadline));
      case Outcome.Accepted<CheckedRequest>(CheckedRequest request) ->
          run.request().keys().proof() == null && !ClientStep.mayWait(run.request())
              ? client(run, request, deadline)
              : threads.supply(() -> client(run, request, deadline));
    };
  }

  private CompletionStage<EvaluationResult<IssuedToken>> client(
      Evaluation run, CheckedRequest request, Deadline deadline) {
    return switch (clients.check(run, request, deadline)) {
      case Outcome.Refused<CheckedRequest>(Refusal why) ->
          completedStage(ClientStep.refused(run, why));
      case Outcome.Accepted<CheckedRequest>(CheckedRequest known) -> prove(run, known, deadline);
    };
  }

  private CompletionStage<EvaluationResult<IssuedToken>> prove(
      Evaluation run, CheckedRequest request, Deadline deadline) {
    return switch (proofs.check(run, deadline)) {
      case Proofs.Checked.BadProof bad -> completedStage(bad.result(run));
      case Proofs.Checked.Good(ProvedKeys keys) when keys.proof() == null ->
          ofClient(run, request, heldOrShared(run, request.by(keys), deadline));
      case Proofs.Checked.Good(ProvedKeys keys) ->
          threads.then(
              ofClient(run, request, heldOrShared(run, request.by(keys), deadline)),
              result -> proofs.use(run, keys, result));
    };
  }

  private static CompletionStage<EvaluationResult<IssuedToken>> ofClient(
      Evaluation run,
      CheckedRequest request,
      CompletionStage<EvaluationResult<IssuedToken>> result) {
    return StatedClient.isStated(run.request().client(), request)
        ? result.thenApply(ended -> StatedClient.check(run, request, ended))
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
    return request.federation().issuers().haveOnceOnly()
            || StatedClient.isStated(run.request().client(), request)
        ? threads.supply(() -> shared(run, context, deadline))
        : shared(run, context, deadline);
  }

  private CompletionStage<EvaluationResult<IssuedToken>> shared(
      Evaluation run, EvaluationContext context, Deadline deadline) {
    CheckedRequest request = context.request();
    Federation federation = request.federation();
    PresentedClient client = run.request().client();
    boolean alone =
        verifier.isOnceOnly(request.credential(), federation.issuers())
            || (StatedClient.isStated(client, request)
                && !verifier.saysClient(
                    request.credential(), client, federation.issuers(), federation.clients()));
    Flight mine = new Flight(context, deadline, alone ? deadline : threads.longest());
    Flight flight = alone ? mine : tokens.share(mine, run.began());
    if (flight != mine) {
      return threads.join(flight, mine, run, deadline);
    }
    threads.begin(mine, this::issue, shared(tokens::land));
    return threads.await(mine, deadline);
  }

  private void refresh(Evaluation run, CheckedRequest request, KeptToken held) {
    Deadline limit = threads.longest();
    Flight successor = new Flight(new EvaluationContext(run, request), limit, limit);
    held.succeededBy(successor);
    threads.begin(successor, this::issue, shared(tokens.refreshing(held)));
    var _ = evaluations.close(run, judge(() -> threads.await(successor, limit)));
  }

  /** Ends the flight for its callers, and then lets the other replicas know. */
  private BiConsumer<Flight, EvaluationResult<IssuedToken>> shared(
      BiConsumer<Flight, EvaluationResult<IssuedToken>> land) {
    return land.andThen((flight, result) -> issuance.share(flight.context(), result));
  }

  private Outcome<IssuedToken> issue(EvaluationContext run, Deadline deadline) {
    return authorise(run, deadline)
        .then(grant -> proofs.use(run, grant))
        .then(grant -> issuance.issue(run, grant, deadline));
  }

  /** Verifies, checks the key, decides. A caller without the credential's key learns no rules. */
  private Outcome<Grant> authorise(EvaluationContext run, Deadline deadline) {
    CheckedRequest request = run.request();
    Federation federation = request.federation();
    return verifier
        .verify(request.credential(), federation.issuers(), deadline, run.trail())
        .mapRefusal(why -> noted(why, federation, run.trail()))
        .map(run::identified)
        .then(identity -> StatedClient.require(identity, run, run.trail()))
        .then(identity -> tokens.notRevoked(identity, run.trail()))
        .then(identity -> Confirmation.require(identity, request.keys(), run.trail()))
        .then(
            identity ->
                ClientStep.presenting(identity, run).then(asked -> decide(identity, asked, run)))
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
        .then(grant -> ClientStep.notAnothers(grant, run));
  }

  private Refusal noted(Refusal why, Federation federation, Trail trail) {
    if (why.reason() == RefusalReason.ISSUER_UNKNOWN) {
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
    return switch (RequestRules.check(run.request(), run.federation(), verifier::accepts)) {
      case Outcome.Refused<CheckedRequest>(Refusal why) ->
          clients.withoutCredential(run, why, deadline);
      case Outcome.Accepted<CheckedRequest>(CheckedRequest request) ->
          switch (client == null
              ? clients.check(run, request, deadline)
              : ClientStep.assumed(run, request, client)) {
            case Outcome.Refused<CheckedRequest>(Refusal why) -> ClientStep.refused(run, why);
            case Outcome.Accepted<CheckedRequest>(CheckedRequest known) ->
                explained(run, known, client != null, deadline);
          };
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
