package dev.tokenbroker.edges.http.operator;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.edges.http.token.CallerKeys;
import dev.tokenbroker.edges.http.token.ProblemDetails;
import dev.tokenbroker.edges.http.token.ReceivedForm;
import dev.tokenbroker.edges.http.token.RequestOrigin;
import dev.tokenbroker.evaluate.exchange.ExchangeSettings;
import dev.tokenbroker.evaluate.revocation.OperatorAccess;
import dev.tokenbroker.evaluate.revocation.OperatorAccess.CallingOperator;
import dev.tokenbroker.evaluate.revocation.PresentedCaller;
import dev.tokenbroker.evaluate.revocation.Right;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.function.Function;
import java.util.function.Supplier;

/** Reads the caller of an operators' request, and makes the response. */
@Singleton
final class OperatorRequests {

  private final OperatorAccess access;
  private final CallerKeys keys;
  private final ExchangeSettings settings;

  OperatorRequests(OperatorAccess access, CallerKeys keys, ExchangeSettings settings) {
    this.access = access;
    this.keys = keys;
    this.settings = settings;
  }

  /** The caller, with the time that the broker gives a request. */
  CallingOperator caller(HttpServerRequest request) {
    SocketAddress address = request.remoteAddress();
    String peer = address == null || address.hostAddress() == null ? "" : address.hostAddress();
    return new CallingOperator(
        new PresentedCaller(
            ReceivedForm.authorization(request), keys.of(request), ReceivedForm.EDGE, peer),
        RequestOrigin.isLoopback(request),
        Deadline.limit(settings.maxDuration()));
  }

  /**
   * The response to an operator; or the refusal of any other caller.
   *
   * @param response makes the response, and runs for operators only
   */
  Response toOperator(HttpServerRequest request, Supplier<Response> response) {
    return answer(request, access.admit(caller(request), Right.OPERATE), _ -> response.get());
  }

  /**
   * The response with the result of a call, as JSON that caches must not store; or the refusal.
   *
   * @param json the response for an accepted result
   */
  <T> Response answer(HttpServerRequest request, Outcome<T> outcome, Function<T, Response> json) {
    Response answer =
        switch (outcome) {
          case Outcome.Accepted<T>(T result) -> json.apply(result);
          case Outcome.Refused<T>(Refusal refusal) ->
              ProblemDetails.ofCaller(refusal, ReceivedForm.authorization(request)).answer();
        };
    return keys.nonceFor(request)
        .map(nonce -> Response.fromResponse(answer).header(CallerKeys.NONCE, nonce).build())
        .orElse(answer);
  }

  static Response json(String json) {
    return Response.ok(json, MediaType.APPLICATION_JSON_TYPE)
        .header(HttpHeaders.CACHE_CONTROL, "no-store")
        .build();
  }
}
