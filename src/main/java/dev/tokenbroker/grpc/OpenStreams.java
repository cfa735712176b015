package dev.tokenbroker.grpc;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The calls that never end by themselves, such as watches of health, so that a server that stops
 * can end them. Safe for use by any number of threads.
 */
final class OpenStreams {

  private final Set<ServerCall<?, ?>> open = ConcurrentHashMap.newKeySet();

  /** Intercepts one call, as a {@link io.grpc.ServerInterceptor}. */
  <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    ServerCall.Listener<Q> listener = next.startCall(call, headers);
    if (call.getMethodDescriptor().getType().serverSendsOneMessage()) {
      return listener;
    }
    open.add(call);
    return new SimpleForwardingServerCallListener<>(listener) {
      @Override
      public void onCancel() {
        open.remove(call);
        super.onCancel();
      }

      @Override
      public void onComplete() {
        open.remove(call);
        super.onComplete();
      }
    };
  }

  int size() {
    return open.size();
  }

  /** Ends all of them. */
  void end() {
    open.forEach(call -> call.close(RefusalStatus.stopping(), new Metadata()));
  }
}
