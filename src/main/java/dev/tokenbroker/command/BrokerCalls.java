package dev.tokenbroker.command;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;
import io.grpc.MethodDescriptor;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** Sends API messages to a running broker and parses the responses, which nobody vouches for. */
final class BrokerCalls implements AutoCloseable {

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
    if (secrecy) {
      connection.requireSecrecy();
    }
    return connection.call(
        method.getFullMethodName(),
        request.toByteArray(),
        operatorToken.isEmpty() ? Map.of() : Map.of("authorization", "Bearer " + operatorToken));
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
