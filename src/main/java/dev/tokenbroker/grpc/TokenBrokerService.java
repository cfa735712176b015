package dev.tokenbroker.grpc;

import dev.tokenbroker.door.AtFirstCall;
import dev.tokenbroker.door.CallsOffLoop.Kind;
import dev.tokenbroker.exchange.ExchangeRequest;
import dev.tokenbroker.exchange.Exchanged;
import dev.tokenbroker.exchange.FieldViolation;
import dev.tokenbroker.exchange.OperatorAccess;
import dev.tokenbroker.exchange.RequestRules;
import dev.tokenbroker.exchange.TokenExchange;
import dev.tokenbroker.exchange.Verdict;
import dev.tokenbroker.exchange.Verdict.Reader;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.token.IssuedToken;
import dev.tokenbroker.token.RefreshPoint;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.ExchangeTokenResponse;
import dev.tokenbroker.v1.ExplainExchangeRequest;
import dev.tokenbroker.v1.IntrospectTokenRequest;
import dev.tokenbroker.v1.IntrospectTokenResponse;
import dev.tokenbroker.v1.RevokeTokenRequest;
import dev.tokenbroker.v1.RevokeTokenResponse;
import dev.tokenbroker.v1.TokenBrokerGrpc;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import jakarta.inject.Provider;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** The gRPC door: reads the request, has it judged, writes the answer. */
@GrpcService
public class TokenBrokerService extends TokenBrokerGrpc.TokenBrokerImplBase {

  private final AtFirstCall<TokenExchange> exchange;
  private final AtFirstCall<OperatorAccess> operators;
  private final LifecycleDoor lifecycle;
  private final Handover handover;

  TokenBrokerService(
      Provider<TokenExchange> exchange,
      Provider<OperatorAccess> operators,
      LifecycleDoor lifecycle,
      Handover handover) {
    this.exchange = new AtFirstCall<>(exchange);
    this.operators = new AtFirstCall<>(operators);
    this.lifecycle = lifecycle;
    this.handover = handover;
  }

  @Override
  public ServerServiceDefinition bindService() {
    return UnreadableMessages.refusedBy(super.bindService());
  }

  @Override
  public void exchangeToken(
      ExchangeTokenRequest message, StreamObserver<ExchangeTokenResponse> answer) {
    Caller caller = Caller.current();
    ExchangeRequest request = ExchangeMessages.request(message, caller);
    if (!handover.admits(answer)) {
      return;
    }
    Handover.Reply<ExchangeTokenResponse> reply = handover.reply(answer);
    try {
      exchange
          .get()
          .exchange(
              request,
              caller.deadline(),
              reply.home(),
              exchanged -> reply.with(() -> response(exchanged, request)));
    } catch (RuntimeException | Error bug) {
      reply.broken(bug);
    }
  }

  @Override
  public void explainExchange(
      ExplainExchangeRequest message, StreamObserver<dev.tokenbroker.v1.Verdict> answer) {
    Caller caller = Caller.current();
    // Here: what waits would keep the message, with all that it has beside the request.
    ExchangeRequest request = ExchangeMessages.request(message.getExchange(), caller);
    handover.offLoop(answer, Kind.EXPLANATION, () -> explain(request, caller));
  }

  @Override
  public void introspectToken(
      IntrospectTokenRequest message, StreamObserver<IntrospectTokenResponse> answer) {
    lifecycle.introspect(message, Caller.current(), answer);
  }

  @Override
  public void revokeToken(RevokeTokenRequest message, StreamObserver<RevokeTokenResponse> answer) {
    lifecycle.revoke(message, Caller.current(), answer);
  }

  private static ExchangeTokenResponse response(Exchanged exchanged, ExchangeRequest request) {
    Verdict verdict = exchanged.verdict();
    return switch (exchanged.outcome()) {
      case Outcome.Accepted<IssuedToken>(IssuedToken token) ->
          ExchangeMessages.response(
              token,
              RefreshPoint.refreshTime(
                  token, verdict.evaluationTime(), ThreadLocalRandom.current()),
              verdict);
      case Outcome.Refused<IssuedToken>(Refusal refusal) ->
          throw RefusalStatus.exception(
              refusal, verdict.disclosedTo(Reader.CALLER), violations(refusal, request));
    };
  }

  private dev.tokenbroker.v1.Verdict explain(ExchangeRequest request, Caller caller) {
    Verdict verdict = exchange.get().explain(request, caller.deadline());
    Reader reader = !verdict.isShed() && isOperator(caller) ? Reader.OPERATOR : Reader.CALLER;
    return ExchangeMessages.verdict(verdict.disclosedTo(reader));
  }

  private boolean isOperator(Caller caller) {
    return operators
        .get()
        .refusal(caller.presented(), caller.loopback(), caller.deadline())
        .isEmpty();
  }

  private static List<FieldViolation> violations(Refusal refusal, ExchangeRequest request) {
    return refusal.reason() == RefusalReason.REQUEST_INVALID
        ? RequestRules.violations(request)
        : List.of();
  }
}
