package dev.tokenbroker.http;

import dev.tokenbroker.lifecycle.CallingOperator;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.rehearsal.candidate.FederationRollout;
import dev.tokenbroker.rehearsal.candidate.RolloutRequest;
import dev.tokenbroker.rehearsal.candidate.RolloutStatus;
import io.quarkus.virtual.threads.VirtualThreads;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.function.BiFunction;

/**
 * The endpoints that put another revision in force. Each takes a form with {@code revision} and
 * {@code reason}. Each request runs on a virtual thread, because it verifies signatures and waits
 * for the disk.
 */
@Singleton
final class RolloutRoutes {

  static final String PATH = "rollout";

  private static final String REVISION = "revision";
  private static final String REASON = "reason";

  // Routes exist before the settings are checked, so each request looks this bean up.
  private final Provider<FederationRollout> rollout;
  private final FormRoute forms;
  private final ExecutorService threads;

  RolloutRoutes(
      Provider<FederationRollout> rollout,
      FormRoute forms,
      @VirtualThreads ExecutorService threads) {
    this.rollout = rollout;
    this.forms = forms;
    this.threads = threads;
  }

  void register(@Observes Router router) {
    forms
        .at(router, "/" + PATH + "/promote")
        .handler(call -> answer(call, (caller, order) -> rollout.get().promote(caller, order)));
    forms
        .at(router, "/" + PATH + "/rollback")
        .handler(call -> answer(call, (caller, order) -> rollout.get().rollBack(caller, order)));
  }

  private void answer(
      RoutingContext call,
      BiFunction<CallingOperator, RolloutRequest, Outcome<RolloutStatus>> change) {
    ReceivedForm form = forms.received(call);
    CallingOperator caller =
        new CallingOperator(
            form.caller(), RequestOrigin.isLoopback(call.request()), form.deadline());
    forms.answer(
        call,
        () ->
            CompletableFuture.supplyAsync(
                () -> response(change.apply(caller, request(form)), form), threads));
  }

  /** The request of a form. A parameter that is missing or repeated is empty, and so refused. */
  private static RolloutRequest request(ReceivedForm form) {
    return switch (FormParameters.parse(form.body().getBytes(), Set.of(REVISION, REASON))) {
      case Outcome.Accepted<FormParameters>(FormParameters parameters) ->
          new RolloutRequest(once(parameters, REVISION), once(parameters, REASON));
      case Outcome.Refused<FormParameters> _ -> new RolloutRequest("", "");
    };
  }

  private static String once(FormParameters parameters, String name) {
    return parameters.all(name).size() == 1 ? parameters.first(name) : "";
  }

  private static TokenAnswer response(Outcome<RolloutStatus> outcome, ReceivedForm form) {
    return switch (outcome) {
      case Outcome.Accepted<RolloutStatus>(RolloutStatus status) ->
          new TokenAnswer(200, Map.of(), Buffer.buffer(OperationsJson.rollout(status)));
      case Outcome.Refused<RolloutStatus>(Refusal refusal) ->
          RefusalResponse.ofCaller(refusal, form.authorization());
    };
  }
}
