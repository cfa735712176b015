package dev.tokenbroker.grpc;

import dev.tokenbroker.door.GrpcRequest;
import grpc.health.v1.HealthGrpc;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.quarkus.grpc.GlobalInterceptor;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.util.Objects;

/**
 * Keeps the HTTP request that a watch of health is at hand for it, which is told whatever way it
 * ends. The gRPC server tells a call of one kind of reset only, and of no lost connection.
 */
@Singleton
@GlobalInterceptor
final class WatchRequest implements ServerInterceptor {

  private static final String WATCH = HealthGrpc.getWatchMethod().getFullMethodName();
  private static final Context.Key<RoutingContext> KEY = Context.key("tokenbroker-watch");

  /** The request of the watch that is begun on this thread. */
  static RoutingContext current() {
    return Objects.requireNonNull(KEY.get());
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    if (!call.getMethodDescriptor().getFullMethodName().equals(WATCH)) {
      return next.startCall(call, headers);
    }
    RoutingContext request = GrpcRequest.current().orElseThrow();
    return Contexts.interceptCall(Context.current().withValue(KEY, request), call, headers, next);
  }
}
