package dev.tokenbroker.grpc;

import dev.tokenbroker.door.ClientCertificate;
import dev.tokenbroker.door.GrpcRequest;
import dev.tokenbroker.door.PeerAddress;
import dev.tokenbroker.door.PublicAddresses;
import dev.tokenbroker.door.RequestOrigin;
import dev.tokenbroker.door.RequestPresence;
import dev.tokenbroker.exchange.ExchangeSettings;
import dev.tokenbroker.exchange.Presence;
import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.possession.Nonces;
import dev.tokenbroker.possession.PresentedProof;
import io.grpc.Context;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.quarkus.grpc.GlobalInterceptor;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Notes who calls and until when. The server below does not turn {@code grpc-timeout} into a
 * deadline, so it is read here, and bounded by what an exchange may take at most.
 */
@Singleton
@GlobalInterceptor
final class CallerInterceptor implements ServerInterceptor {

  private static final Metadata.Key<String> TIMEOUT =
      Metadata.Key.of("grpc-timeout", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<String> PROOF =
      Metadata.Key.of("dpop", Metadata.ASCII_STRING_MARSHALLER);

  private final Duration maxDuration;
  // The server makes its interceptors before the settings are checked.
  private final Provider<PublicAddresses> addresses;
  private final Provider<Nonces> nonces;

  CallerInterceptor(
      ExchangeSettings settings, Provider<PublicAddresses> addresses, Provider<Nonces> nonces) {
    this.maxDuration = settings.maxDuration();
    this.addresses = addresses;
    this.nonces = nonces;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    Caller caller = caller(call, headers);
    ServerCall<Q, A> answering =
        caller.proof() != null && nonces.get().required()
            ? new NonceGiving<>(call, nonces.get())
            : call;
    Context context = caller.in(Context.current());
    return new SimpleForwardingServerCallListener<>(next.startCall(answering, headers)) {
      // A call of one message is made then, and at no other time is its caller asked for.
      @Override
      public void onHalfClose() {
        context.run(super::onHalfClose);
      }
    };
  }

  /** Gives the nonce that the next proof must have, with every answer (RFC 9449 section 8). */
  private static final class NonceGiving<Q, A> extends SimpleForwardingServerCall<Q, A> {

    private static final Metadata.Key<String> NONCE =
        Metadata.Key.of("dpop-nonce", Metadata.ASCII_STRING_MARSHALLER);

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
    Deadline deadline =
        GrpcTimeout.parse(headers.get(TIMEOUT))
            .filter(timeout -> timeout.compareTo(maxDuration) < 0)
            .map(Deadline::after)
            .orElseGet(() -> Deadline.limit(maxDuration));
    ClientCertificate certificate =
        ClientCertificate.of(call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION))
            .orElse(null);
    // Its metadata do not hold all of it; and the gRPC server tells of one kind of reset only, and
    // of no lost connection.
    Optional<RoutingContext> http = GrpcRequest.current();
    Optional<HttpServerRequest> request = http.map(RoutingContext::request);
    return new Caller(
        request.map(PeerAddress::of).orElse(""),
        isLoopback(call),
        certificate,
        proof(call, request, headers),
        headers,
        deadline,
        http.<Presence>map(RequestPresence::new).orElse(Presence.ALWAYS));
  }

  /** RFC 9449 section 4.1, for the HTTP request that a call is (gRPC over HTTP/2: always POST). */
  private @Nullable PresentedProof proof(
      ServerCall<?, ?> call, Optional<HttpServerRequest> request, Metadata headers) {
    Iterable<String> values = headers.getAll(PROOF);
    if (values == null) {
      return null;
    }
    String path = "/" + call.getMethodDescriptor().getFullMethodName();
    return new PresentedProof(
        StreamSupport.stream(values.spliterator(), false).toList(),
        HttpMethod.POST.name(),
        addresses.get().of(path, request.map(http -> RequestOrigin.uri(http, path)).orElse("")));
  }

  /** By the connection: whatever a header names may be made up. */
  private static boolean isLoopback(ServerCall<?, ?> call) {
    return call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR)
            instanceof InetSocketAddress peer
        && peer.getAddress() != null
        && peer.getAddress().isLoopbackAddress();
  }
}
