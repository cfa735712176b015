package dev.tokenbroker.command;

import dev.tokenbroker.exchange.ExchangeRequest;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.ExplainExchangeRequest;
import dev.tokenbroker.v1.TokenBrokerGrpc;
import dev.tokenbroker.v1.Verdict;
import java.time.Duration;
import java.util.stream.Stream;

/** Asks a running broker to judge a request, by {@code ExplainExchange}. */
final class RunningBroker {

  private final BrokerCalls calls;

  RunningBroker(BrokerCalls calls) {
    this.calls = calls;
  }

  /**
   * Has the broker judge a request. The verdict has what the broker shows to this caller.
   *
   * @param withCandidate whether to request the verdict of the candidate, too
   */
  Verdict explain(ExchangeRequest request, boolean withCandidate) throws Failure {
    BrokerConnection.Reply reply =
        calls.send(
            TokenBrokerGrpc.getExplainExchangeMethod(),
            ExplainExchangeRequest.newBuilder()
                .setExchange(message(request))
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
