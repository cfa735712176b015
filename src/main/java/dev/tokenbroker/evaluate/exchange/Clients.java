package dev.tokenbroker.evaluate.exchange;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Evidence;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalKind;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail.Finding;
import dev.tokenbroker.base.refusal.Trail.Result;
import dev.tokenbroker.base.text.BugReport;
import dev.tokenbroker.evaluate.exchange.admission.Admission;
import dev.tokenbroker.evaluate.exchange.evaluation.CheckedRequest;
import dev.tokenbroker.evaluate.exchange.evaluation.Evaluation;
import dev.tokenbroker.evaluate.exchange.evaluation.EvaluationContext;
import dev.tokenbroker.evaluate.exchange.evaluation.EvaluationResult;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRequest;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.judge.credential.ClientAuthenticator;
import dev.tokenbroker.judge.credential.ClientAuthenticator.ClientCall;
import dev.tokenbroker.judge.credential.CredentialVerifier;
import dev.tokenbroker.judge.credential.PresentedClient;
import dev.tokenbroker.judge.credential.RegisteredClient;
import dev.tokenbroker.judge.credential.RegisteredClient.ClientRight;
import dev.tokenbroker.judge.credential.RegisteredClients;
import dev.tokenbroker.judge.credential.VerifiedIdentity;
import dev.tokenbroker.judge.policy.Grant;
import dev.tokenbroker.judge.policy.Policy.GrantRequest;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The first step of each request: checks its shape and its client, before anything is looked up or
 * judged for it. It yields the request by that client, or the refusal. Safe for use by any number
 * of threads.
 *
 * <p>A client proves itself by a secret, a certificate or an assertion. An assertion costs a
 * signature, so its check is admitted like an evaluation, and runs on a thread that may wait.
 *
 * <p>A caller may also state a {@code client_id} without a proof. Its credential must then belong
 * to the client (RFC 7521 section 4.2). With the grant {@code client_credentials}, every id is
 * checked. With the other grants, only the name of a registered client is checked. Such an id is no
 * part of the cache key, so that each grant gets the same token for one credential. Instead, each
 * caller is checked against the verified identity, also at a cached token. A caller with the id of
 * another client shares no evaluation: the others must not be refused for it, and it must not have
 * a token made.
 */
@Singleton
final class Clients {

  private static final Logger LOG = Logger.getLogger(Clients.class);

  private static final String EXPECTED =
      "the name of the client that the credential proves, or its sub, azp or client_id";

  private final ClientAuthenticator authenticator;
  private final Admission admission;
  private final CredentialVerifier verifier;

  Clients(ClientAuthenticator authenticator, Admission admission, CredentialVerifier verifier) {
    this.authenticator = authenticator;
    this.admission = admission;
    this.verifier = verifier;
  }

  /** How the step ended. */
  sealed interface Asked {

    /** A request of valid shape, by the client that it proves. */
    record Request(CheckedRequest checked) implements Asked {}

    /** The refusal at that step. */
    record NotAsked(Step step, Refusal why) implements Asked {

      <T> EvaluationResult<T> of(Evaluation run) {
        return step == Step.REQUEST ? EvaluationResult.refused(why) : run.refused(step, why);
      }
    }
  }

  /** Whether the step may wait for keys, and so must not run on an event loop. */
  static boolean mayWait(ExchangeRequest request) {
    return !request.client().assertion().isEmpty();
  }

  /**
   * Takes the step.
   *
   * @param named the client that an operator names for an explanation, without its proof; null for
   *     the one that the request proves
   */
  Asked ask(Evaluation run, @Nullable String named, Deadline deadline) {
    return switch (RequestRules.check(run.request(), run.federation(), verifier::accepts)) {
      case Outcome.Refused<CheckedRequest>(Refusal why) -> malformed(run, why, deadline);
      case Outcome.Accepted<CheckedRequest>(CheckedRequest request) ->
          switch (named == null ? proved(run, request, deadline) : assumed(run, request, named)) {
            case Outcome.Refused<CheckedRequest>(Refusal why) -> refused(why);
            case Outcome.Accepted<CheckedRequest>(CheckedRequest known) ->
                new Asked.Request(stating(run.request().client(), known));
          };
    };
  }

  /** The request by its client; the same request if it proves none. */
  private Outcome<CheckedRequest> proved(
      Evaluation run, CheckedRequest request, Deadline deadline) {
    Federation federation = request.federation();
    try {
      return (mayWait(run.request())
              ? admission
                  .admit(deadline)
                  .through(
                      () -> deadline,
                      () -> authenticated(run, federation, deadline),
                      Outcome::<Optional<RegisteredClient>>refused)
              : authenticated(run, federation, deadline))
          .map(client -> client.map(request::by).orElse(request));
    } catch (RuntimeException | Error bug) {
      LOG.errorf("The client of evaluation %s ended in a bug: %s", run.id(), BugReport.of(bug));
      return Outcome.refused(Refusal.of(RefusalReason.INTERNAL_ERROR));
    }
  }

  private static Outcome<CheckedRequest> assumed(
      Evaluation run, CheckedRequest request, String client) {
    return run.request().client().isProving()
        ? Outcome.refused(
            Refusal.of(RefusalReason.CLIENT_UNAUTHENTICATED)
                .seen("the proof of a client, and the name of one"))
        : request.federation().clients().exchanging(client).map(request::by);
  }

  private Outcome<Optional<RegisteredClient>> authenticated(
      Evaluation run, Federation federation, Deadline deadline) {
    ExchangeRequest asked = run.request();
    return authenticator.authenticate(
        new ClientCall(asked.client(), asked.keys().certificate(), asked.peer(), run.isTrial()),
        federation.clients(),
        federation.issuers(),
        ClientRight.EXCHANGE,
        deadline);
  }

  /**
   * The end of a malformed request. A client may ask for a token for itself by its secret or
   * certificate alone, and learns that it needs a credential, but only once it has proved itself.
   */
  private Asked malformed(Evaluation run, Refusal malformed, Deadline deadline) {
    ExchangeRequest asked = run.request();
    Federation federation = run.federation();
    Asked shape = new Asked.NotAsked(Step.REQUEST, malformed);
    if (federation == null
        || !asked.client().byCredential()
        || !asked.subjectToken().isEmpty()
        || !asked.misread().isEmpty()) {
      return shape;
    }
    return switch (authenticated(run, federation, deadline)) {
      case Outcome.Refused<Optional<RegisteredClient>>(Refusal why) -> refused(why);
      case Outcome.Accepted<Optional<RegisteredClient>>(Optional<RegisteredClient> client) ->
          client
              .map(
                  known ->
                      refused(
                          Refusal.of(RefusalReason.CLIENT_NOT_PERMITTED)
                              .expected("a credential of the client")
                              .seen("client " + known.name() + ", without a credential")))
              .orElse(shape);
    };
  }

  private static Asked refused(Refusal why) {
    boolean shed = why.reason().kind() == RefusalKind.BROKER_LOAD;
    return new Asked.NotAsked(shed ? Step.ADMISSION : Step.CLIENT, why);
  }

  /** The request with the id that the caller states and its credential must have. */
  private static CheckedRequest stating(PresentedClient client, CheckedRequest request) {
    String proved = request.grant().client();
    boolean stated =
        client.byCredential()
            ? !client.id().isEmpty() && !client.id().equals(proved)
            : proved == null && request.federation().clients().isName(client.id());
    return stated ? request.stating(client) : request;
  }

  /** Whether the caller states a client that its credential does not name. Verifies nothing. */
  boolean isOfAnother(CheckedRequest request) {
    PresentedClient stated = request.stated();
    Federation federation = request.federation();
    return stated != null
        && !verifier.saysClient(
            request.credential(), stated, request.issuers(), federation.clients());
  }

  /**
   * Refuses an identity of another client than the stated one, before anything is decided. A
   * stranger does not learn whether a client has the name that it states: the rules refuse it.
   */
  static Outcome<VerifiedIdentity> require(
      VerifiedIdentity identity, EvaluationContext run, BooleanSupplier known) {
    PresentedClient stated = run.request().stated();
    RegisteredClients clients = run.request().federation().clients();
    if (stated == null || clients.isOf(identity, stated)) {
      return Outcome.accepted(identity);
    }
    Refusal why = mismatch(identity, stated, clients);
    return why.reason() == RefusalReason.CLIENT_MISMATCH || known.getAsBoolean()
        ? run.trail().refuse(Step.CLIENT, why)
        : Outcome.accepted(identity);
  }

  /** The result for this caller, which may have been made for another caller. */
  static EvaluationResult<IssuedToken> ended(
      Evaluation run, CheckedRequest request, EvaluationResult<IssuedToken> result) {
    PresentedClient stated = request.stated();
    VerifiedIdentity identity = result.identity();
    if (stated == null || identity == null || result.trail().failed() == Step.CLIENT) {
      return result;
    }
    RegisteredClients clients = request.federation().clients();
    if (clients.isOf(identity, stated)) {
      run.stated(new Finding(Step.CLIENT, Result.PASSED, EXPECTED, Evidence.clean(stated.id()), 0));
      return result;
    }
    return result.trail().authentic()
        ? run.refused(Step.CLIENT, mismatch(identity, stated, clients), identity)
        : result;
  }

  /** A name beside a credential that proves no client is a client without its proof. */
  private static Refusal mismatch(
      VerifiedIdentity identity, PresentedClient client, RegisteredClients clients) {
    boolean unproved = !client.byCredential() && !clients.isProvedBy(identity);
    return Refusal.of(
            unproved ? RefusalReason.CLIENT_UNAUTHENTICATED : RefusalReason.CLIENT_MISMATCH)
        .expected(unproved ? "the proof of the client" : EXPECTED)
        .seen("client_id " + client.id());
  }

  /** The request by the client that presents the credential, or that the credential is about. */
  static Outcome<GrantRequest> presenting(VerifiedIdentity identity, EvaluationContext run) {
    CheckedRequest request = run.request();
    String authenticated = request.grant().client();
    return switch (request.federation().clients().exchanging(identity, authenticated)) {
      case Outcome.Refused<Optional<String>>(Refusal why) -> run.trail().refuse(Step.CLIENT, why);
      case Outcome.Accepted<Optional<String>>(Optional<String> client) -> {
        if (authenticated == null) {
          client.ifPresent(run.trail()::client);
        }
        yield Outcome.accepted(request.grant().by(client.orElse(null)));
      }
    };
  }

  /**
   * The grant, unless its subject is the name of a client that has not proved itself: without a
   * client, a minted token has its subject as {@code client_id} (RFC 9068 section 2.2).
   */
  static Outcome<Grant> notAnothers(Grant grant, EvaluationContext run) {
    return grant.client() == null && run.request().federation().clients().isName(grant.subject())
        ? run.trail()
            .refuse(
                Step.RULE,
                Refusal.of(RefusalReason.RULE_EVALUATION_FAILED)
                    .expected("a subject that is no client's name")
                    .seen("the name of client " + grant.subject()))
        : Outcome.accepted(grant);
  }
}
