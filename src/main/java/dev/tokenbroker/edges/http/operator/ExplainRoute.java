package dev.tokenbroker.edges.http.operator;

import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.edges.edge.Explanations;
import dev.tokenbroker.edges.edge.Explanations.DisclosedExplanation;
import dev.tokenbroker.edges.edge.RefusalText;
import dev.tokenbroker.edges.edge.VerdictJson;
import dev.tokenbroker.edges.http.token.FormParameters;
import dev.tokenbroker.edges.http.token.FormRoute;
import dev.tokenbroker.edges.http.token.ProblemDetails;
import dev.tokenbroker.edges.http.token.ReceivedForm;
import dev.tokenbroker.edges.http.token.RefusalResponse;
import dev.tokenbroker.edges.http.token.RequestOrigin;
import dev.tokenbroker.edges.http.token.TokenAnswer;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRequest;
import dev.tokenbroker.evaluate.revocation.CallerAccess.KnownCaller;
import dev.tokenbroker.evaluate.revocation.OperatorAccess;
import dev.tokenbroker.evaluate.revocation.OperatorAccess.CallingOperator;
import dev.tokenbroker.evaluate.revocation.Right;
import dev.tokenbroker.judge.credential.PresentedClient;
import dev.tokenbroker.judge.possession.PresentedKeys;
import io.quarkus.virtual.threads.VirtualThreads;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;

/**
 * The endpoint that explains a credential to operators: the same evaluation as an exchange, with
 * nothing issued. The caller is authenticated before its form is read.
 */
@Singleton
final class ExplainRoute {

  static final String PATH = "/explain";

  private static final String AUDIENCE = "audience";
  private static final String CREDENTIAL = "subject_token";
  private static final String TYPE = "subject_token_type";
  private static final String SCOPE = "scope";
  private static final String CLIENT = "client";
  private static final Set<String> KNOWN = Set.of(AUDIENCE, CREDENTIAL, TYPE, SCOPE, CLIENT);

  // Routes exist before the settings are checked, so each request looks these beans up.
  private final Provider<OperatorAccess> operators;
  private final Provider<Explanations> explanations;
  private final FormRoute forms;
  private final ExecutorService threads;

  ExplainRoute(
      Provider<OperatorAccess> operators,
      Provider<Explanations> explanations,
      FormRoute forms,
      @VirtualThreads ExecutorService threads) {
    this.operators = operators;
    this.explanations = explanations;
    this.forms = forms;
    this.threads = threads;
  }

  void register(@Observes Router router) {
    router.route(PATH).handler(ExplainRoute::refuseForeignPage);
    forms.at(router, PATH).handler(this::explain);
  }

  /** A page of another site could make a browser send a credential of its choice here. */
  private static void refuseForeignPage(RoutingContext call) {
    if (RequestOrigin.isForeignPage(call.request())) {
      new ProblemDetails(
              Response.Status.FORBIDDEN, "A page of another site may not use this endpoint.")
          .routeAnswer()
          .sendLast(call);
    } else {
      call.next();
    }
  }

  private void explain(RoutingContext call) {
    ReceivedForm form = forms.received(call);
    CallingOperator caller =
        new CallingOperator(
            form.caller(), RequestOrigin.isLoopback(call.request()), form.deadline());
    forms.answer(call, () -> CompletableFuture.supplyAsync(() -> answer(caller, form), threads));
  }

  private TokenAnswer answer(CallingOperator caller, ReceivedForm form) {
    return switch (operators.get().admit(caller, Right.OPERATE)) {
      case Outcome.Refused<KnownCaller>(Refusal refusal) ->
          RefusalResponse.ofCaller(refusal, form.authorization());
      case Outcome.Accepted<KnownCaller> _ ->
          switch (read(form)) {
            case Outcome.Refused<FormParameters>(Refusal refusal) ->
                new ProblemDetails(Response.Status.BAD_REQUEST, RefusalText.of(refusal, ""))
                    .routeAnswer();
            case Outcome.Accepted<FormParameters>(FormParameters parameters) ->
                verdict(
                    explanations
                        .get()
                        .explain(
                            request(parameters, form),
                            parameters.has(CLIENT) ? parameters.first(CLIENT) : null,
                            form.deadline(),
                            () -> true,
                            true));
          };
    };
  }

  /** The form, if each parameter stands in it as often as it may. */
  static Outcome<FormParameters> read(ReceivedForm form) {
    return form.parameters(KNOWN)
        .then(
            parameters ->
                KNOWN.stream().allMatch(name -> parameters.all(name).size() <= 1)
                        && parameters.has(AUDIENCE)
                        && parameters.has(CREDENTIAL)
                    ? Outcome.accepted(parameters)
                    : Outcome.refused(
                        Refusal.of(RefusalReason.REQUEST_INVALID)
                            .expected(
                                "audience and subject_token must be given once,"
                                    + " subject_token_type, scope and client at most once")));
  }

  /** Proof and certificate are those of the operator, and say nothing about the exchange. */
  static ExchangeRequest request(FormParameters parameters, ReceivedForm form) {
    String scope = parameters.first(SCOPE);
    return new ExchangeRequest(
        parameters.first(AUDIENCE),
        parameters.first(CREDENTIAL),
        parameters.first(TYPE),
        scope.isEmpty() ? List.of() : List.of(scope.split(" ", -1)),
        null,
        false,
        ReceivedForm.EDGE,
        form.peer(),
        PresentedKeys.NONE,
        PresentedClient.NONE,
        List.of());
  }

  private static TokenAnswer verdict(DisclosedExplanation shown) {
    return new TokenAnswer(200, Map.of(), Buffer.buffer(VerdictJson.of(shown).encodePrettily()));
  }
}
