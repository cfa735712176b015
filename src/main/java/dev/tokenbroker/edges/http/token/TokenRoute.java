package dev.tokenbroker.edges.http.token;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.edges.edge.TraceContext;
import dev.tokenbroker.evaluate.exchange.TokenExchange;
import dev.tokenbroker.evaluate.exchange.TokenExchange.Exchanged;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict.Reader;
import dev.tokenbroker.issue.signing.IssuedToken;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The token endpoint (RFC 6749 section 3.2). It exchanges a credential (RFC 8693), which may also
 * be sent as an assertion (RFC 7523). Requests over gRPC and HTTP go through the same {@link
 * TokenExchange}.
 *
 * <p>The endpoint is a Vert.x route and not a resource method. So the event loop that read the
 * request also returns a cached token.
 */
@Singleton
final class TokenRoute {

  static final String PATH = "/token";

  // Routes exist before the settings are checked, so each request looks these beans up.
  private final Provider<TokenExchange> exchange;
  private final FormRoute forms;
  private final InstantSource clock;

  TokenRoute(Provider<TokenExchange> exchange, FormRoute forms, InstantSource clock) {
    this.exchange = exchange;
    this.forms = forms;
    this.clock = clock;
  }

  void register(@Observes Router router) {
    forms.at(router, PATH).handler(this::exchange);
  }

  private void exchange(RoutingContext call) {
    ReceivedForm form = forms.received(call);
    switch (TokenRequestReader.read(form)) {
      case Outcome.Refused<TokenRequest>(Refusal unreadable) ->
          RefusalResponse.unread(TokenError.INVALID_REQUEST, unreadable).send(call);
      case Outcome.Accepted<TokenRequest>(TokenRequest request) ->
          forms.answer(call, () -> exchange(request, form.deadline()));
    }
  }

  private CompletionStage<TokenAnswer> exchange(TokenRequest request, Deadline deadline) {
    return exchange
        .get()
        .exchange(request.exchange(), deadline, TraceContext.executor())
        .thenApply(exchanged -> answer(exchanged, request));
  }

  private TokenAnswer answer(Exchanged exchanged, TokenRequest request) {
    Verdict verdict = exchanged.verdict();
    return switch (exchanged.outcome()) {
      case Outcome.Accepted<IssuedToken>(IssuedToken token) ->
          TokenAnswer.issued(token, request, verdict, clock.instant(), ThreadLocalRandom.current());
      case Outcome.Refused<IssuedToken>(Refusal refusal) ->
          RefusalResponse.of(refusal, verdict.disclosedTo(Reader.CALLER), request);
    };
  }
}
