package dev.tokenbroker.grpc;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Remembers how the stream of a call ended, which grpc-java tells tracers and nobody else. */
final class StreamEnd extends ServerStreamTracer {

  private static final Context.Key<StreamEnd> KEY = Context.key("tokenbroker-stream-end");

  private volatile @Nullable Status status;

  /**
   * Makes one for each stream. It sees the headers before grpc-java does, which resets the stream
   * where it cannot read the deadline; a call with such a one counts as having none.
   */
  static final class Factory extends ServerStreamTracer.Factory {

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

  /** The one of the call that is being started on this thread. */
  static StreamEnd current() {
    return Objects.requireNonNull(KEY.get(), "the server has no such tracer");
  }

  @Override
  public Context filterContext(Context context) {
    return context.withValue(KEY, this);
  }

  @Override
  public void streamClosed(Status ended) {
    status = ended;
  }

  /** Whether grpc-java ended it since it could not read what the caller sent. */
  boolean isUnreadable() {
    Status ended = status;
    return ended != null && RefusalStatus.isOfUnreadable(ended);
  }
}
