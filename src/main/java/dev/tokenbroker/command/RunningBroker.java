package dev.tokenbroker.command;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.util.Timestamps;
import dev.tokenbroker.base.refusal.Evidence;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRequest;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.ExchangeTokenResponse;
import dev.tokenbroker.v1.ExplainExchangeRequest;
import dev.tokenbroker.v1.RevokeTokenRequest;
import dev.tokenbroker.v1.TokenBrokerGrpc;
import dev.tokenbroker.v1.Verdict;
import io.grpc.MethodDescriptor;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Calls a running broker and parses the responses, which nobody vouches for. */
final class RunningBroker implements AutoCloseable {

  private static final int HTTP_OK = 200;
  private static final int HTTP_SERVER_ERROR = 500;

  private final BrokerConnection connection;
  private final String callerToken;
  private final boolean secrecy;

  /**
   * @param callerToken authenticates the caller; empty for none
   * @param secrecy whether to refuse calls in clear text over a network
   */
  RunningBroker(Address address, ConnectionOptions options, String callerToken, boolean secrecy) {
    this.connection = new BrokerConnection(address, options);
    this.callerToken = callerToken;
    this.secrecy = secrecy;
  }

  /**
   * Has the broker judge a request. The verdict has what the broker shows to this caller.
   *
   * @param client the registered client that the broker judges for; empty for none
   * @param withCandidate whether to request the verdict of the candidate, too
   */
  Verdict explain(ExchangeRequest request, String client, boolean withCandidate) throws Failure {
    BrokerConnection.Reply reply =
        send(
            TokenBrokerGrpc.getExplainExchangeMethod(),
            ExplainExchangeRequest.newBuilder()
                .setExchange(message(request))
                .setClient(client)
                .setWithCandidate(withCandidate)
                .build());
    if (reply.status() != 0) {
      throw new Failure(
          ExitCode.UNAVAILABLE,
          "the broker does not judge: status %d %s".formatted(reply.status(), reply.detail()));
    }
    try {
      Verdict verdict = Verdict.parseFrom(Objects.requireNonNull(reply.message()).getBytes());
      // No broker sends an impossible time.
      if (Timestamps.isValid(verdict.getEvaluationTime())
          && Timestamps.isValid(verdict.getCandidate().getEvaluationTime())) {
        return verdict;
      }
    } catch (InvalidProtocolBufferException other) {
      // Reported below.
    }
    throw noBroker();
  }

  /** The reply to {@code ExchangeToken}; its message holds a token. */
  BrokerConnection.Reply exchange(ExchangeRequest request) throws Failure {
    return send(TokenBrokerGrpc.getExchangeTokenMethod(), message(request));
  }

  /** The message of a reply to {@code ExchangeToken}; the default one for an error. */
  ExchangeTokenResponse issued(BrokerConnection.Reply reply) throws Failure {
    try {
      return reply.message() == null
          ? ExchangeTokenResponse.getDefaultInstance()
          : ExchangeTokenResponse.parseFrom(reply.message().getBytes());
    } catch (InvalidProtocolBufferException other) {
      throw noBroker();
    }
  }

  /** The reply to {@code RevokeToken}. */
  BrokerConnection.Reply revoke(String token) throws Failure {
    return send(
        TokenBrokerGrpc.getRevokeTokenMethod(),
        RevokeTokenRequest.newBuilder().setToken(token).build());
  }

  private BrokerConnection.Reply send(MethodDescriptor<?, ?> method, MessageLite request)
      throws Failure {
    return connection.call(method.getFullMethodName(), request.toByteArray(), headers());
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

  /**
   * Gets a JSON document of the HTTP edge.
   *
   * @return the object; a refusal of the broker (RFC 9457) is a failure
   */
  JsonObject get(String path) throws Failure {
    BrokerConnection.HttpAnswer answer = connection.get(path, headers());
    JsonObject json;
    try {
      json = new JsonObject(answer.body());
    } catch (DecodeException | ClassCastException other) {
      throw noBroker();
    }
    if (answer.status() == HTTP_OK) {
      return json;
    }
    if (json.getValue("title") instanceof String title
        && json.getValue("detail") instanceof String detail) {
      throw new Failure(
          answer.status() >= HTTP_SERVER_ERROR ? ExitCode.UNAVAILABLE : ExitCode.REFUSED,
          "the broker refuses: %d %s".formatted(answer.status(), Evidence.clean(title)),
          List.of("remedy   " + Evidence.clean(detail)));
    }
    throw noBroker();
  }

  private Map<String, String> headers() throws Failure {
    if (secrecy) {
      connection.requireSecrecy();
    }
    return callerToken.isEmpty() ? Map.of() : Map.of("authorization", "Bearer " + callerToken);
  }

  /** The failure for a peer that is no token broker. */
  Failure noBroker() {
    return connection.noBroker();
  }

  @Override
  public void close() {
    connection.close();
  }
}
