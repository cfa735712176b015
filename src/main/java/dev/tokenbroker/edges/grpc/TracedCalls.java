package dev.tokenbroker.edges.grpc;

import io.grpc.ForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;

/**
 * Makes the span of a call current in the callbacks of that call, and nowhere else.
 *
 * <p>Quarkus' interceptor leaves the span current on the thread on which the call begins, until the
 * call ends on the same thread. That suits a server that gives each call a Vert.x context. Here a
 * call begins on an event loop that serves other calls and HTTP requests, too, and often ends on a
 * virtual thread. Their spans would become children of a span of a foreign call.
 */
final class TracedCalls {

  private final ServerInterceptor tracing;

  TracedCalls(ServerInterceptor tracing) {
    this.tracing = tracing;
  }

  /** Intercepts one call, as a {@link ServerInterceptor}. */
  @SuppressWarnings("MustBeClosedChecker") // What was current before is current from here on.
  <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    Context before = Context.current();
    try {
      return tracing.interceptCall(
          call,
          headers,
          (traced, metadata) -> new InSpan<>(next.startCall(traced, metadata), Context.current()));
    } finally {
      var _ = before.makeCurrent();
    }
  }

  private static final class InSpan<Q> extends ForwardingServerCallListener<Q> {

    private final ServerCall.Listener<Q> delegate;
    private final Context span;

    InSpan(ServerCall.Listener<Q> delegate, Context span) {
      this.delegate = delegate;
      this.span = span;
    }

    @Override
    protected ServerCall.Listener<Q> delegate() {
      return delegate;
    }

    @Override
    public void onMessage(Q message) {
      try (Scope _ = span.makeCurrent()) {
        super.onMessage(message);
      }
    }

    @Override
    public void onHalfClose() {
      try (Scope _ = span.makeCurrent()) {
        super.onHalfClose();
      }
    }

    @Override
    public void onReady() {
      try (Scope _ = span.makeCurrent()) {
        super.onReady();
      }
    }

    @Override
    public void onCancel() {
      try (Scope _ = span.makeCurrent()) {
        super.onCancel();
      }
    }

    @Override
    public void onComplete() {
      try (Scope _ = span.makeCurrent()) {
        super.onComplete();
      }
    }
  }
}
