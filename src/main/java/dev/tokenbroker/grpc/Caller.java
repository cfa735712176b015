package dev.tokenbroker.grpc;

import dev.tokenbroker.edge.ClientCertificate;
import dev.tokenbroker.lifecycle.PresentedCaller;
import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.possession.PresentedKeys;
import dev.tokenbroker.possession.PresentedProof;
import io.grpc.Context;
import io.grpc.Metadata;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Who makes a call and how long it waits, as its transport and headers say.
 *
 * @param peer the address it comes from, without the port; empty where unknown
 * @param loopback whether that address is this machine's own
 * @param certificate the TLS certificate that it has proved to hold; null where it has none
 * @param proof the proof of possession that it sent; null where it sent none
 * @param headers what it sent beside its message; never logged
 * @param deadline when it stops waiting
 */
record Caller(
    String peer,
    boolean loopback,
    @Nullable ClientCertificate certificate,
    @Nullable PresentedProof proof,
    Metadata headers,
    Deadline deadline) {

  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private static final Context.Key<Caller> KEY = Context.key("tokenbroker-caller");

  /** The caller of the call that runs on this thread. */
  static Caller current() {
    Caller caller = KEY.get();
    return caller == null
        ? new Caller("", false, null, null, new Metadata(), Deadline.after(Duration.ZERO))
        : caller;
  }

  /** What it brings to show that it holds keys. */
  PresentedKeys keys() {
    return PresentedKeys.of(certificate == null ? null : certificate.thumbprint(), proof);
  }

  /** What it brings to use the broker beyond exchanges. */
  PresentedCaller presented() {
    return new PresentedCaller(authorization(), keys(), ExchangeMessages.DOOR, peer);
  }

  /** Two headers are none (RFC 9110 section 5.3): what is made of them is good for nothing. */
  private String authorization() {
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
