package dev.tokenbroker.edges.grpc;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * The calls that have no status yet. A stopping server ends them with a status. Safe for use by any
 * number of threads.
 */
final class OpenCalls {

  private final Set<OpenCall<?, ?>> open = ConcurrentHashMap.newKeySet();

  /** Intercepts one call, as a {@link io.grpc.ServerInterceptor}. */
  <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    OpenCall<Q, A> counted = new OpenCall<>(call);
    open.add(counted);
    return new SimpleForwardingServerCallListener<>(next.startCall(counted, headers)) {
      @Override
      public void onCancel() {
        open.remove(counted);
        super.onCancel();
      }
    };
  }

  /** The number of calls that never end by themselves, such as health watches. */
  int streams() {
    return (int) open.stream().filter(OpenCalls::isStream).count();
  }

  /** Ends the calls that never end by themselves. */
  void endStreams() {
    end(OpenCalls::isStream);
  }

  /** Ends all calls. */
  void end() {
    end(_ -> true);
  }

  private void end(Predicate<ServerCall<?, ?>> which) {
    open.stream()
        .filter(which)
        .forEach(call -> call.close(RefusalStatus.stopping(), new Metadata()));
  }

  private static boolean isStream(ServerCall<?, ?> call) {
    return !call.getMethodDescriptor().getType().serverSendsOneMessage();
  }

  /**
   * Sends only the first status, and no message after it. The handler and the stop of the server
   * compete for it.
   */
  private final class OpenCall<Q, A> extends SimpleForwardingServerCall<Q, A> {

    private boolean closed;

    OpenCall(ServerCall<Q, A> call) {
      super(call);
    }

    @Override
    public synchronized void sendHeaders(Metadata headers) {
      if (!closed) {
        super.sendHeaders(headers);
      }
    }

    @Override
    public synchronized void sendMessage(A message) {
      if (!closed) {
        super.sendMessage(message);
      }
    }

    @Override
    public synchronized void close(Status status, Metadata trailers) {
      if (!closed) {
        closed = true;
        open.remove(this);
        super.close(status, trailers);
      }
    }
  }
}
