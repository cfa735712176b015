package dev.tokenbroker.edges.grpc;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.evaluate.revocation.OperatorAccess.CallingOperator;
import dev.tokenbroker.evaluate.revocation.PresentedCaller;
import dev.tokenbroker.judge.possession.PresentedKeys;
import dev.tokenbroker.judge.possession.PresentedKeys.PresentedProof;
import io.grpc.Context;
import io.grpc.Metadata;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The caller of one gRPC call and its time, as the transport and the headers state them.
 *
 * @param peer the caller's address without the port, which a trusted proxy may forward; empty where
 *     unknown
 * @param loopback whether the connection comes from this machine; a forwarded address does not
 *     count
 * @param certificate the thumbprint of the client certificate of the TLS connection; null where
 *     there is none
 * @param proof the caller's proof of possession, not verified; null where there is none
 * @param headers the headers of the call; never logged
 * @param time the time that the caller gives the call
 */
record Caller(
    String peer,
    boolean loopback,
    @Nullable String certificate,
    @Nullable PresentedProof proof,
    Metadata headers,
    CallTime time) {

  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private static final Context.Key<Caller> KEY = Context.key("tokenbroker-caller");

  /**
   * The caller in the current gRPC context. A context without one yields an unknown caller whose
   * time is over.
   */
  static Caller current() {
    Caller caller = KEY.get();
    return caller == null
        ? new Caller("", false, null, null, new Metadata(), new CallTime(null, Duration.ZERO))
        : caller;
  }

  /** The same caller without anything that proves keys or a client. */
  Caller unproved() {
    return new Caller(peer, loopback, null, null, new Metadata(), time);
  }

  /** When the evaluation must have ended. */
  Deadline deadline() {
    return time.deadline();
  }

  /** The caller's evidence that it holds keys. */
  PresentedKeys keys() {
    return PresentedKeys.of(certificate, proof);
  }

  /** The caller's credentials for calls other than exchanges. */
  PresentedCaller presented() {
    return new PresentedCaller(authorization(), keys(), ExchangeMessages.EDGE, peer);
  }

  /** The caller of an operators' call. */
  CallingOperator operator() {
    return new CallingOperator(presented(), loopback, deadline());
  }

  /**
   * Joins repeated headers (RFC 9110 section 5.3). The joined value is no valid credential, so a
   * second header invalidates the first.
   */
  String authorization() {
    Iterable<String> values = headers.getAll(AUTHORIZATION);
    return values == null ? "" : String.join(", ", values);
  }

  Context in(Context context) {
    return context.withValue(KEY, this);
  }

  @Override
  public String toString() {
    return "Caller[" + peer + "]";
  }
}
