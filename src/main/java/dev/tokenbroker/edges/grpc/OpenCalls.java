package dev.tokenbroker.edges.grpc;

import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.edges.edge.ClientCertificate;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import javax.net.ssl.SSLSession;

/**
 * The calls that have no status yet. A stopping server ends them with a status. One whose request
 * stays unfinished ends after {@link #MOST_REQUEST}. None begins with an expired certificate. Safe
 * for use by any number of threads.
 */
final class OpenCalls {

  /** The longest time from the head of a call to the end of its one message. */
  static final Duration MOST_REQUEST = Duration.ofSeconds(20);

  private final Set<OpenCall<?, ?>> open = ConcurrentHashMap.newKeySet();
  private final Clocks clock;

  OpenCalls(Clocks clock) {
    this.clock = clock;
  }

  /** Intercepts one call, as a {@link io.grpc.ServerInterceptor}. */
  <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    SSLSession session = call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
    if (ClientCertificate.hasExpired(session, clock.instant())) {
      close(call, RefusalStatus.expiredCertificate());
      return new ServerCall.Listener<>() {};
    }
    OpenCall<Q, A> counted = new OpenCall<>(call);
    open.add(counted);
    return new SimpleForwardingServerCallListener<>(next.startCall(counted, headers)) {
      @Override
      public void onHalfClose() {
        counted.unfinished = false;
        super.onHalfClose();
      }

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

  /** Ends the calls whose request takes too long, for instance by a message that never ends. */
  void endUnfinished() {
    long before = clock.nanoTime() - MOST_REQUEST.toNanos();
    open.stream()
        .filter(call -> call.unfinished && call.began - before < 0)
        .forEach(call -> close(call, RefusalStatus.notOneMessage()));
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
        .forEach(call -> close(call, RefusalStatus.of(RefusalReason.BROKER_STOPPING)));
  }

  private static void close(ServerCall<?, ?> call, StatusRuntimeException why) {
    call.close(why.getStatus(), Objects.requireNonNullElseGet(why.getTrailers(), Metadata::new));
  }

  private static boolean isStream(ServerCall<?, ?> call) {
    return !call.getMethodDescriptor().getType().serverSendsOneMessage();
  }

  /**
   * Sends only the first status, and no message after it. The handler and the stop of the server
   * compete for it.
   */
  private final class OpenCall<Q, A> extends SimpleForwardingServerCall<Q, A> {

    private final long began = clock.nanoTime();
    private volatile boolean unfinished = getMethodDescriptor().getType().clientSendsOneMessage();
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
