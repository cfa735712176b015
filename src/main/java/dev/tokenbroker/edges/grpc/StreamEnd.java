package dev.tokenbroker.edges.grpc;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Records the status with which a stream ended. grpc-java reports it to tracers only. */
final class StreamEnd extends ServerStreamTracer {

  private static final Context.Key<StreamEnd> KEY = Context.key("tokenbroker-stream-end");

  private volatile @Nullable Status status;

  /**
   * Makes one tracer for each stream, before grpc-java reads the deadline from the headers.
   * grpc-java would reset a stream with a malformed deadline. The factory removes that header, so
   * the call counts as one without a deadline.
   */
  static final class StreamEndFactory extends ServerStreamTracer.Factory {

    private static final Metadata.Key<String> TIMEOUT =
        Metadata.Key.of("grpc-timeout", Metadata.ASCII_STRING_MARSHALLER);

    /** gRPC over HTTP/2, Requests: at most eight digits and a unit. */
    private static final Pattern FORM = Pattern.compile("\\d{1,8}[HMSmun]");

    @Override
    public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
      String timeout = headers.get(TIMEOUT);
      if (timeout != null && !FORM.matcher(timeout).matches()) {
        headers.discardAll(TIMEOUT);
      }
      return new StreamEnd();
    }
  }

  /** The tracer of the call that starts on this thread. */
  static StreamEnd current() {
    return Objects.requireNonNull(KEY.get(), "no StreamEnd tracer is registered");
  }

  @Override
  public Context filterContext(Context context) {
    return context.withValue(KEY, this);
  }

  @Override
  public void streamClosed(Status ended) {
    status = ended;
  }

  /** Whether grpc-java ended the stream because it could not read the request. */
  boolean isUnreadable() {
    Status ended = status;
    return ended != null && RefusalStatus.isOfUnreadable(ended);
  }
}
