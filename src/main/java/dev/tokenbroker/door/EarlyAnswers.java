package dev.tokenbroker.door;

import io.netty.channel.Channel;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.Attribute;
import io.netty.util.AttributeKey;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.util.Set;

/**
 * Ends the streams of requests that have their whole answer before they have come whole: says that
 * no more of them is wanted (RFC 9113 section 8.1). The server below keeps such a stream, and the
 * head of its request, for as long as the peer likes, and those of a thousand more beside it. Calls
 * of gRPC have a time to come whole in, answered or not, and are counted until then.
 *
 * <p>An answer is whole when its last frame has been written: what waits for a window is not. Not
 * before the end of the turn, since the rest of a request is often read together with its head.
 */
@Singleton
final class EarlyAnswers implements FirstLook {

  private static final AttributeKey<Streams> KEPT =
      AttributeKey.valueOf(EarlyAnswers.class.getName());

  /** Those of one connection; confined to its event loop. */
  private static final class Streams extends Http2ConnectionAdapter {

    private final Channel channel;
    private final Http2ConnectionHandler http2;
    private final Http2Connection.PropertyKey unfinished;

    Streams(Channel channel, Http2ConnectionHandler http2) {
      this.channel = channel;
      this.http2 = http2;
      this.unfinished = http2.connection().newKey();
      http2.connection().addListener(this);
    }

    /** The head of a request is being read. */
    void add(int id) {
      Http2Stream stream = http2.connection().stream(id);
      if (stream != null && stream.state().remoteSideOpen()) {
        Boolean _ = stream.setProperty(unfinished, true);
      }
    }

    @Override
    public void onStreamHalfClosed(Http2Stream stream) {
      if (stream.state().remoteSideOpen() && stream.getProperty(unfinished) != null) {
        channel.eventLoop().execute(() -> end(stream));
      }
    }

    private void end(Http2Stream stream) {
      var context = channel.pipeline().context(http2);
      if (context != null && stream.state().remoteSideOpen()) {
        long reason = Http2Error.NO_ERROR.code();
        var _ = http2.encoder().writeRstStream(context, stream.id(), reason, context.newPromise());
        channel.flush();
      }
    }
  }

  @Override
  public Set<Kind> kinds() {
    return Set.of(Kind.OTHER);
  }

  @Override
  public boolean mayAnswer() {
    return false;
  }

  @Override
  public boolean passes(RoutingContext request) {
    if (request.request().version() == HttpVersion.HTTP_2
        && request.request().connection() instanceof ConnectionBase connection) {
      of(connection.channel()).add(request.response().streamId());
    }
    return true;
  }

  private static Streams of(Channel channel) {
    Attribute<Streams> kept = channel.attr(KEPT);
    Streams streams = kept.get();
    if (streams == null) {
      streams = new Streams(channel, channel.pipeline().get(Http2ConnectionHandler.class));
      kept.set(streams);
    }
    return streams;
  }
}
