package dev.tokenbroker.command;

import dev.tokenbroker.evaluate.exchange.ExchangeRequest;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.ExplainExchangeRequest;
import dev.tokenbroker.v1.RevokeTokenRequest;
import dev.tokenbroker.v1.TokenBrokerGrpc;
import dev.tokenbroker.v1.Verdict;
import java.time.Duration;
import java.util.stream.Stream;

/** Sends the calls of {@code TokenBroker} to a running broker. */
final class RunningBroker {

  private final BrokerCalls calls;

  RunningBroker(BrokerCalls calls) {
    this.calls = calls;
  }

  /**
   * Has the broker judge a request. The verdict has what the broker shows to this caller.
   *
   * @param client the registered client that the broker judges for; empty for none
   * @param withCandidate whether to request the verdict of the candidate, too
   */
  Verdict explain(ExchangeRequest request, String client, boolean withCandidate) throws Failure {
    BrokerConnection.Reply reply =
        calls.send(
            TokenBrokerGrpc.getExplainExchangeMethod(),
            ExplainExchangeRequest.newBuilder()
                .setExchange(message(request))
                .setClient(client)
                .setWithCandidate(withCandidate)
                .build());
    if (reply.status() != 0) {
      throw BrokerCalls.unanswered(reply, "judge");
    }
    Verdict verdict = calls.parsed(reply, Verdict.parser());
    calls.requireTimes(
        Stream.of(verdict.getEvaluationTime(), verdict.getCandidate().getEvaluationTime()));
    return verdict;
  }

  /** The reply to {@code ExchangeToken}; its message holds a token. */
  BrokerConnection.Reply exchange(ExchangeRequest request) throws Failure {
    return calls.send(TokenBrokerGrpc.getExchangeTokenMethod(), message(request));
  }

  /** The reply to {@code RevokeToken}. */
  BrokerConnection.Reply revoke(String token) throws Failure {
    return calls.send(
        TokenBrokerGrpc.getRevokeTokenMethod(),
        RevokeTokenRequest.newBuilder().setToken(token).build());
  }

  private static ExchangeTokenRequest message(ExchangeRequest request) {
    ExchangeTokenRequest.Builder message =
        ExchangeTokenRequest.newBuilder()
            .setAudience(request.audience())
            .setSubjectToken(request.subjectToken())
            .setSubjectTokenType(request.subjectTokenType())
            .addAllScopes(request.scopes());
    Duration lifetime = request.lifetime();
    if (lifetime != null) {
      message
          .getLifetimeBuilder()
          .setSeconds(lifetime.toSeconds())
          .setNanos(lifetime.toNanosPart());
    }
    return message.build();
  }
}
