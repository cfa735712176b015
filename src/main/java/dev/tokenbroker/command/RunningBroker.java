package dev.tokenbroker.command;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.Timestamps;
import dev.tokenbroker.exchange.ExchangeRequest;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.ExplainExchangeRequest;
import dev.tokenbroker.v1.TokenBrokerGrpc;
import dev.tokenbroker.v1.Verdict;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;

/** Asks a running broker to judge a request, by {@code ExplainExchange}. */
final class RunningBroker {

  private final BrokerConnection connection;

  RunningBroker(BrokerConnection connection) {
    this.connection = connection;
  }

  /**
   * The verdict, as far as the broker shows it.
   *
   * @param operatorToken shows all of it; empty for the part that any caller may see
   */
  Verdict explain(ExchangeRequest request, String operatorToken) throws Failure {
    if (operatorToken.chars().anyMatch(c -> c <= ' ' || c >= 0x7F)) {
      throw new Failure(ExitCode.DATA, "the operator's token is no token");
    }
    BrokerConnection.Reply reply =
        connection.call(
            TokenBrokerGrpc.getExplainExchangeMethod().getFullMethodName(),
            ExplainExchangeRequest.newBuilder().setExchange(message(request)).build().toByteArray(),
            operatorToken.isEmpty()
                ? Map.of()
                : Map.of("authorization", "Bearer " + operatorToken));
    if (reply.status() != 0) {
      throw new Failure(
          ExitCode.UNAVAILABLE,
          "the broker does not judge: status " + reply.status() + " " + reply.detail());
    }
    Verdict verdict = verdict(Objects.requireNonNull(reply.message()).getBytes());
    if (!Timestamps.isValid(verdict.getEvaluationTime())) {
      throw connection.noBroker();
    }
    return verdict;
  }

  private Verdict verdict(byte[] message) throws Failure {
    try {
      return Verdict.parseFrom(message);
    } catch (InvalidProtocolBufferException other) {
      throw connection.noBroker();
    }
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
