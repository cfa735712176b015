package dev.tokenbroker.grpc;

import dev.tokenbroker.door.ClientCertificate;
import dev.tokenbroker.exchange.ExchangeSettings;
import dev.tokenbroker.outcome.Deadline;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.quarkus.grpc.GlobalInterceptor;
import jakarta.inject.Singleton;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * Notes who calls and until when. The server below does not turn {@code grpc-timeout} into a
 * deadline, so it is read here, and bounded by what an exchange may take at most.
 */
@Singleton
@GlobalInterceptor
final class CallerInterceptor implements ServerInterceptor {

  private static final Metadata.Key<String> TIMEOUT =
      Metadata.Key.of("grpc-timeout", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private final Duration maxDuration;

  CallerInterceptor(ExchangeSettings settings) {
    this.maxDuration = settings.maxDuration();
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    Caller caller = caller(call, headers);
    return Contexts.interceptCall(caller.in(Context.current()), call, headers, next);
  }

  private Caller caller(ServerCall<?, ?> call, Metadata headers) {
    String authorization = headers.get(AUTHORIZATION);
    Duration patience =
        GrpcTimeout.parse(headers.get(TIMEOUT))
            .filter(timeout -> timeout.compareTo(maxDuration) < 0)
            .orElse(maxDuration);
    Deadline deadline = Deadline.after(patience);
    String token = authorization == null ? "" : authorization;
    ClientCertificate certificate =
        ClientCertificate.of(call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION))
            .orElse(null);
    return call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR)
            instanceof InetSocketAddress peer
        ? new Caller(host(peer), isLoopback(peer), certificate, token, deadline)
        : new Caller("", false, certificate, token, deadline);
  }

  private static String host(InetSocketAddress peer) {
    InetAddress address = peer.getAddress();
    return address == null ? peer.getHostString() : address.getHostAddress();
  }

  private static boolean isLoopback(InetSocketAddress peer) {
    InetAddress address = peer.getAddress();
    return address != null && address.isLoopbackAddress();
  }
}
