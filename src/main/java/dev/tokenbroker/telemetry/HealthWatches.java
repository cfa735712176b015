package dev.tokenbroker.telemetry;

import grpc.health.v1.HealthGrpc;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.quarkus.grpc.GlobalInterceptor;
import jakarta.inject.Singleton;

/**
 * Ends each watch of the gRPC health protocol with what it is told last. A watch is a call that
 * never ends by itself: the process, which waits for the calls under way, would wait for all the
 * time that it has.
 */
@Singleton
@GlobalInterceptor
final class HealthWatches implements ServerInterceptor {

  private static final String WATCH = HealthGrpc.getWatchMethod().getFullMethodName();

  private volatile boolean ending;

  /** What watchers are told from now on is the last that they are told. */
  void end() {
    ending = true;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    boolean watch = call.getMethodDescriptor().getFullMethodName().equals(WATCH);
    return next.startCall(watch ? new Watch<>(call) : call, headers);
  }

  private final class Watch<Q, A> extends SimpleForwardingServerCall<Q, A> {

    private boolean closed;

    Watch(ServerCall<Q, A> call) {
      super(call);
    }

    @Override
    public synchronized void sendMessage(A status) {
      if (closed) {
        return;
      }
      super.sendMessage(status);
      if (ending) {
        close(Status.UNAVAILABLE.withDescription("The server is stopping."), new Metadata());
      }
    }

    @Override
    public synchronized void close(Status status, Metadata trailers) {
      if (!closed) {
        closed = true;
        super.close(status, trailers);
      }
    }
  }
}
