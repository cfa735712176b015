package dev.tokenbroker.door;

import io.netty.channel.Channel;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.AttributeKey;
import java.util.function.IntPredicate;

/**
 * Ends the streams of one connection whose requests have their whole answer before they have come
 * whole: says that no more of them is wanted (RFC 9113 section 8.1). The server below keeps such a
 * stream, and the head of its request, for as long as the peer likes, and those of a thousand more
 * beside it, those included that it answers before it lets anybody see them. Calls of gRPC have a
 * time to come whole in, answered or not, and are counted until then: who counts them ends them.
 *
 * <p>An answer is whole when its last frame has been written: what waits for a window is not. Not
 * before the end of the turn, since the rest of a request is often read together with its head.
 *
 * <p>Confined to the event loop of the connection.
 */
public final class EarlyAnswers extends Http2ConnectionAdapter {

  private static final AttributeKey<IntPredicate> LEFT_TO_OTHERS =
      AttributeKey.valueOf(EarlyAnswers.class.getName());

  private final Channel channel;
  private final Http2ConnectionHandler http2;

  private EarlyAnswers(Channel channel, Http2ConnectionHandler http2) {
    this.channel = channel;
    this.http2 = http2;
  }

  /** Begins, before the first stream does. */
  static void watch(Channel channel, Http2ConnectionHandler http2) {
    http2.connection().addListener(new EarlyAnswers(channel, http2));
  }

  /** From now on leaves those streams of the connection to who ends them. */
  public static void leaveToOthers(Channel channel, IntPredicate streams) {
    channel.attr(LEFT_TO_OTHERS).set(streams);
  }

  @Override
  public void onStreamHalfClosed(Http2Stream stream) {
    if (stream.state().remoteSideOpen() && !isLeftToOthers(stream)) {
      channel.eventLoop().execute(() -> end(stream));
    }
  }

  private boolean isLeftToOthers(Http2Stream stream) {
    IntPredicate left = channel.attr(LEFT_TO_OTHERS).get();
    return left != null && left.test(stream.id());
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
