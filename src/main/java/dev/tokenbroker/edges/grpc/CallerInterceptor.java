package dev.tokenbroker.edges.grpc;

import static io.grpc.Metadata.ASCII_STRING_MARSHALLER;

import dev.tokenbroker.edges.edge.ClientCertificate;
import dev.tokenbroker.edges.edge.Forwarding;
import dev.tokenbroker.edges.edge.Forwarding.Origin;
import dev.tokenbroker.edges.edge.PublicAddresses;
import dev.tokenbroker.evaluate.exchange.ExchangeSettings;
import dev.tokenbroker.judge.possession.Nonces;
import dev.tokenbroker.judge.possession.PresentedKeys.PresentedProof;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import jakarta.inject.Singleton;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.stream.StreamSupport;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** Puts the {@link Caller} of each call into the gRPC context that serves the call. */
@Singleton
final class CallerInterceptor {

  private static final Metadata.Key<String> PROOF =
      Metadata.Key.of("dpop", ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<String> NONCE =
      Metadata.Key.of("dpop-nonce", ASCII_STRING_MARSHALLER);

  /** gRPC over HTTP/2, Requests. */
  private static final String METHOD = "POST";

  private final Duration maxDuration;
  private final PublicAddresses addresses;
  private final Forwarding forwarding;
  private final Nonces nonces;

  CallerInterceptor(
      ExchangeSettings settings, PublicAddresses addresses, Forwarding forwarding, Nonces nonces) {
    this.maxDuration = settings.maxDuration();
    this.addresses = addresses;
    this.forwarding = forwarding;
    this.nonces = nonces;
  }

  /** Intercepts one call, as a {@link io.grpc.ServerInterceptor}. */
  <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    Caller caller = caller(call, headers);
    ServerCall<Q, A> answering =
        caller.proof() != null && nonces.required() ? new NonceGiving<>(call, nonces) : call;
    return Contexts.interceptCall(caller.in(Context.current()), answering, headers, next);
  }

  /** Adds the nonce for the caller's next proof to the trailers (RFC 9449 section 8). */
  private static final class NonceGiving<Q, A> extends SimpleForwardingServerCall<Q, A> {

    private final Nonces nonces;

    NonceGiving(ServerCall<Q, A> call, Nonces nonces) {
      super(call);
      this.nonces = nonces;
    }

    @Override
    public void close(Status status, Metadata trailers) {
      trailers.put(NONCE, nonces.current());
      super.close(status, trailers);
    }
  }

  private Caller caller(ServerCall<?, ?> call, Metadata headers) {
    SSLSession session = call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
    InetAddress connection = address(call);
    Origin origin =
        forwarding.origin(
            connection,
            session != null,
            Objects.requireNonNullElse(call.getAuthority(), ""),
            name -> first(headers.getAll(Metadata.Key.of(name, ASCII_STRING_MARSHALLER))));
    return new Caller(
        origin.peer(),
        connection != null && connection.isLoopbackAddress(),
        ClientCertificate.thumbprint(session).orElse(null),
        proof(call, origin, headers),
        headers,
        new CallTime(Context.current().getDeadline(), maxDuration));
  }

  /** The values of the {@code DPoP} header (RFC 9449 section 4.1); null where absent. */
  private @Nullable PresentedProof proof(ServerCall<?, ?> call, Origin origin, Metadata headers) {
    Iterable<String> values = headers.getAll(PROOF);
    if (values == null) {
      return null;
    }
    String path = "/" + call.getMethodDescriptor().getFullMethodName();
    return new PresentedProof(
        StreamSupport.stream(values.spliterator(), false).toList(),
        METHOD,
        addresses.of(path, origin.uri(path)));
  }

  private static @Nullable String first(@Nullable Iterable<String> values) {
    return values == null ? null : values.iterator().next();
  }

  /** The address of the connection, since a header can be forged; null where unknown. */
  private static @Nullable InetAddress address(ServerCall<?, ?> call) {
    return call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR)
            instanceof InetSocketAddress peer
        ? peer.getAddress()
        : null;
  }
}
