package dev.tokenbroker.command;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;
import dev.tokenbroker.base.outcome.Evidence;
import io.grpc.MethodDescriptor;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** Calls a running broker and parses the responses, which nobody vouches for. */
final class BrokerCalls implements AutoCloseable {

  private static final int HTTP_OK = 200;
  private static final int HTTP_SERVER_ERROR = 500;

  private final BrokerConnection connection;
  private final String operatorToken;
  private final boolean secrecy;

  /**
   * @param connection closed with this
   * @param operatorToken authenticates the caller; empty for none
   * @param secrecy whether to refuse calls in clear text over a network
   */
  BrokerCalls(BrokerConnection connection, String operatorToken, boolean secrecy) {
    this.connection = connection;
    this.operatorToken = operatorToken;
    this.secrecy = secrecy;
  }

  /** Calls a unary method. */
  BrokerConnection.Reply send(MethodDescriptor<?, ?> method, MessageLite request) throws Failure {
    return connection.call(method.getFullMethodName(), request.toByteArray(), headers());
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
      throw connection.noBroker();
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
    throw connection.noBroker();
  }

  private Map<String, String> headers() throws Failure {
    if (secrecy) {
      connection.requireSecrecy();
    }
    return operatorToken.isEmpty() ? Map.of() : Map.of("authorization", "Bearer " + operatorToken);
  }

  /** The response message of a call that did not fail. */
  <T> T parsed(BrokerConnection.Reply reply, Parser<T> parser) throws Failure {
    try {
      return parser.parseFrom(Objects.requireNonNull(reply.message()).getBytes());
    } catch (InvalidProtocolBufferException other) {
      throw connection.noBroker();
    }
  }

  /** Refuses a response with an impossible time, which no broker sends. */
  void requireTimes(Stream<Timestamp> times) throws Failure {
    if (!times.allMatch(Timestamps::isValid)) {
      throw connection.noBroker();
    }
  }

  /** The failure for a peer that is no token broker. */
  Failure noBroker() {
    return connection.noBroker();
  }

  /**
   * The failure for a call that ended with a status.
   *
   * @param what the verb for what the broker does not do
   */
  static Failure unanswered(BrokerConnection.Reply reply, String what) {
    return new Failure(
        ExitCode.UNAVAILABLE,
        "the broker does not %s: status %d %s".formatted(what, reply.status(), reply.detail()));
  }

  @Override
  public void close() {
    connection.close();
  }
}
