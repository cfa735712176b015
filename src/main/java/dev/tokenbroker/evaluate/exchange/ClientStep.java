package dev.tokenbroker.evaluate.exchange;

import dev.tokenbroker.base.outcome.BugReport;
import dev.tokenbroker.base.outcome.Deadline;
import dev.tokenbroker.base.outcome.Outcome;
import dev.tokenbroker.base.outcome.Refusal;
import dev.tokenbroker.base.outcome.RefusalKind;
import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.base.outcome.Step;
import dev.tokenbroker.base.outcome.Trail;
import dev.tokenbroker.evaluate.exchange.admission.Admission;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.judge.credential.ClientAuthenticator;
import dev.tokenbroker.judge.credential.ClientAuthenticator.ClientCall;
import dev.tokenbroker.judge.credential.RegisteredClient;
import dev.tokenbroker.judge.credential.RegisteredClient.ClientRight;
import dev.tokenbroker.judge.credential.VerifiedIdentity;
import dev.tokenbroker.judge.policy.Grant;
import dev.tokenbroker.judge.policy.Policy.GrantRequest;
import jakarta.inject.Singleton;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * The step {@code CLIENT}: authenticates the client of each request, before anything is looked up
 * or judged for it. An assertion costs a signature, so its check is admitted like an evaluation,
 * and runs on a thread that may wait. Safe for use by any number of threads.
 */
@Singleton
final class ClientStep {

  private static final Logger log = Logger.getLogger(ClientStep.class);

  private final ClientAuthenticator authenticator;
  private final Admission admission;

  ClientStep(ClientAuthenticator authenticator, Admission admission) {
    this.authenticator = authenticator;
    this.admission = admission;
  }

  /** Whether the check may wait for keys, and so must not run on an event loop. */
  static boolean mayWait(ExchangeRequest request) {
    return !request.client().assertion().isEmpty();
  }

  /** The request by its client; the same request if it proves none. */
  Outcome<CheckedRequest> check(Evaluation run, CheckedRequest request, Deadline deadline) {
    ExchangeRequest asked = run.request();
    Federation federation = request.federation();
    ClientCall call =
        new ClientCall(asked.client(), asked.keys().certificate(), asked.peer(), run.isTrial());
    try {
      return (mayWait(asked)
              ? admission
                  .admit(deadline)
                  .through(
                      () -> deadline,
                      () -> authenticated(call, federation, deadline),
                      Outcome::<Optional<RegisteredClient>>refused)
              : authenticated(call, federation, deadline))
          .map(client -> client.map(request::by).orElse(request));
    } catch (RuntimeException | Error bug) {
      log.errorf("The client of evaluation %s ended in a bug: %s", run.id(), BugReport.of(bug));
      return Outcome.refused(Refusal.of(RefusalReason.INTERNAL_ERROR));
    }
  }

  /** The request by a client that an operator names for an explanation, without its proof. */
  static Outcome<CheckedRequest> assumed(Evaluation run, CheckedRequest request, String client) {
    return run.request().client().isProving()
        ? Outcome.refused(
            Refusal.of(RefusalReason.CLIENT_UNAUTHENTICATED)
                .seen("the proof of a client, and the name of one"))
        : request.federation().clients().exchanging(client).map(request::by);
  }

  private Outcome<Optional<RegisteredClient>> authenticated(
      ClientCall call, Federation federation, Deadline deadline) {
    return authenticator.authenticate(
        call, federation.clients(), federation.issuers(), ClientRight.EXCHANGE, deadline);
  }

  /**
   * The end of a malformed request. A client may ask for a token for itself by its secret or
   * certificate alone, and learns that it needs a credential, but only once it has proved itself.
   */
  <T> EvaluationResult<T> withoutCredential(Evaluation run, Refusal malformed, Deadline deadline) {
    ExchangeRequest asked = run.request();
    Federation federation = run.federation();
    if (federation == null
        || !asked.client().byCredential()
        || !asked.subjectToken().isEmpty()
        || !asked.misread().isEmpty()) {
      return EvaluationResult.refused(malformed);
    }
    ClientCall call =
        new ClientCall(asked.client(), asked.keys().certificate(), asked.peer(), run.isTrial());
    return switch (authenticated(call, federation, deadline)) {
      case Outcome.Refused<Optional<RegisteredClient>>(Refusal why) -> refused(run, why);
      case Outcome.Accepted<Optional<RegisteredClient>>(Optional<RegisteredClient> client)
          when client.isPresent() ->
          refused(
              run,
              Refusal.of(RefusalReason.CLIENT_NOT_PERMITTED)
                  .expected("a credential of the client")
                  .seen("client " + client.get().name() + ", without a credential"));
      case Outcome.Accepted<Optional<RegisteredClient>> _ -> EvaluationResult.refused(malformed);
    };
  }

  /** The end of a request whose client is refused. */
  static <T> EvaluationResult<T> refused(Evaluation run, Refusal why) {
    Trail trail = new Trail();
    trail.passed(Step.REQUEST, "", run.request().audience());
    boolean shed = why.reason().kind() == RefusalKind.BROKER_LOAD;
    return EvaluationResult.refused(trail, shed ? Step.ADMISSION : Step.CLIENT, why);
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
}
