package dev.tokenbroker.edges.grpc;

import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.edges.edge.TraceContext;
import dev.tokenbroker.evaluate.exchange.TokenExchange;
import dev.tokenbroker.evaluate.exchange.TokenExchange.Exchanged;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRequest;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict.Reader;
import dev.tokenbroker.evaluate.revocation.TokenIntrospection;
import dev.tokenbroker.evaluate.revocation.TokenRevocation;
import dev.tokenbroker.evaluate.revocation.TokenRevocation.NamedToken;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.issue.signing.RefreshPoint;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.ExchangeTokenResponse;
import dev.tokenbroker.v1.ExplainExchangeRequest;
import dev.tokenbroker.v1.IntrospectTokenRequest;
import dev.tokenbroker.v1.IntrospectTokenResponse;
import dev.tokenbroker.v1.RevokeTokenRequest;
import dev.tokenbroker.v1.RevokeTokenResponse;
import dev.tokenbroker.v1.TokenBrokerGrpc;
import io.grpc.stub.StreamObserver;
import jakarta.inject.Singleton;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Implements the broker's gRPC methods: it reads the request, calls the use case, and writes the
 * response. An exchange never blocks its event loop. Every other method runs on a virtual thread.
 */
@Singleton
public final class TokenBrokerService implements TokenBrokerGrpc.AsyncService {

  private final TokenExchange exchange;
  private final TokenIntrospection introspection;
  private final TokenRevocation revocation;
  private final ExplainCall explanations;
  private final UnaryCalls calls;

  TokenBrokerService(
      TokenExchange exchange,
      TokenIntrospection introspection,
      TokenRevocation revocation,
      ExplainCall explanations,
      UnaryCalls calls) {
    this.exchange = exchange;
    this.introspection = introspection;
    this.revocation = revocation;
    this.explanations = explanations;
    this.calls = calls;
  }

  @Override
  public void exchangeToken(
      ExchangeTokenRequest message, StreamObserver<ExchangeTokenResponse> answer) {
    Caller caller = Caller.current();
    ExchangeRequest request = ExchangeMessages.request(message, caller);
    UnaryCalls.ignoreCancellation(answer);
    exchange
        .exchange(request, caller.deadline(), TraceContext.executor())
        .thenAccept(exchanged -> UnaryCalls.answer(answer, () -> response(exchanged, caller)))
        .exceptionally(
            bug -> {
              UnaryCalls.broken(answer, bug);
              return null;
            });
  }

  @Override
  public void explainExchange(
      ExplainExchangeRequest message, StreamObserver<dev.tokenbroker.v1.Verdict> answer) {
    Caller caller = Caller.current();
    calls.onThread(answer, () -> explanations.verdict(message, caller));
  }

  @Override
  public void introspectToken(
      IntrospectTokenRequest message, StreamObserver<IntrospectTokenResponse> answer) {
    Caller caller = Caller.current();
    calls.onThread(
        answer,
        () ->
            UnaryCalls.granted(
                introspection
                    .introspect(
                        caller.presented(), () -> given(message.getToken()), caller.deadline())
                    .map(LifecycleMessages::response),
                caller.time()));
  }

  @Override
  public void revokeToken(RevokeTokenRequest message, StreamObserver<RevokeTokenResponse> answer) {
    Caller caller = Caller.current();
    calls.onThread(
        answer,
        () ->
            UnaryCalls.granted(
                revocation
                    .revoke(
                        caller.presented(),
                        () -> given(message.getToken()).map(token -> new NamedToken(token, "")),
                        caller.deadline())
                    .map(_ -> RevokeTokenResponse.getDefaultInstance()),
                caller.time()));
  }

  private static ExchangeTokenResponse response(Exchanged exchanged, Caller caller) {
    Verdict verdict = exchanged.verdict();
    return switch (exchanged.outcome()) {
      case Outcome.Accepted<IssuedToken>(IssuedToken token) ->
          ExchangeMessages.response(
              token,
              RefreshPoint.refreshTime(
                  token, verdict.evaluationTime(), ThreadLocalRandom.current()),
              verdict);
      case Outcome.Refused<IssuedToken>(Refusal refusal) ->
          throw RefusalStatus.exception(refusal, verdict.disclosedTo(Reader.CALLER), caller.time());
    };
  }

  private static Outcome<String> given(String token) {
    return token.isEmpty()
        ? Outcome.refused(Refusal.of(RefusalReason.REQUEST_INVALID).expected("must be given"))
        : Outcome.accepted(token);
  }
}
