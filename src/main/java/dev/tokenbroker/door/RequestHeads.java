package dev.tokenbroker.door;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.Attribute;
import io.netty.util.AttributeKey;

/**
 * Knows how large the requests of one connection of HTTP/2 are, their bodies aside: the server
 * below keeps each, with all that is made of it, until the last of its answer has left. As a rule
 * its stream is closed then. One that is closed before, because its peer took it back or was told
 * that no more of it is wanted, is still kept by what waits in the socket.
 *
 * <p>A head is measured as it comes, since the server takes it apart; all are added up only where
 * something waits. Confined to the event loop of the connection.
 */
final class RequestHeads extends Http2FrameListenerDecorator {

  private static final AttributeKey<Object> KEPT =
      AttributeKey.valueOf(RequestHeads.class.getName());

  private final Http2Connection connection;
  private final Http2Connection.PropertyKey measured;
  private final Http2Connection.PropertyKey left;

  /** Of streams that have been closed since something was written, and before that. */
  private long leavingLater;

  private long leaving;

  private RequestHeads(Http2ConnectionDecoder decoder) {
    super(decoder.frameListener());
    this.connection = decoder.connection();
    this.measured = connection.newKey();
    this.left = connection.newKey();
  }

  /**
   * That of the connection, which is the same each time; knows what comes once it was asked for.
   */
  static RequestHeads of(Channel channel, Http2ConnectionHandler http2) {
    Attribute<Object> kept = channel.attr(KEPT);
    // Not one of a class of the same name, from before a reload.
    if (kept.get() instanceof RequestHeads begun) {
      return begun;
    }
    RequestHeads heads = new RequestHeads(http2.decoder());
    http2.decoder().frameListener(heads);
    kept.set(heads);
    return heads;
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext context,
      int id,
      Http2Headers headers,
      int dependency,
      short weight,
      boolean exclusive,
      int padding,
      boolean last)
      throws Http2Exception {
    Http2Stream stream = connection.stream(id);
    if (stream != null && stream.getProperty(measured) == null) { // else they are trailers
      var _ = stream.setProperty(measured, ArrivingBytes.ofHead(headers));
    }
    super.onHeadersRead(context, id, headers, dependency, weight, exclusive, padding, last);
  }

  @Override
  public void onRstStreamRead(ChannelHandlerContext context, int id, long reason)
      throws Http2Exception {
    Http2Stream stream = connection.stream(id);
    if (stream != null) {
      leaves(stream);
    }
    super.onRstStreamRead(context, id, reason);
  }

  /**
   * That stream is closed by now, or before long, though some of its answer may wait in the socket,
   * or will with the next flush: while requests are read, there is none.
   */
  void leaves(Http2Stream stream) {
    if (stream.isHeadersSent() && stream.getProperty(left) == null) {
      var _ = stream.setProperty(left, true);
      leavingLater += of(stream);
    }
  }

  /** Something is written now. */
  void written() {
    leaving += leavingLater;
    leavingLater = 0;
  }

  /** The socket has taken what was {@linkplain #written}, and all before. */
  void taken() {
    leaving = 0;
  }

  /** Nothing waits in the socket. */
  void allTaken() {
    leaving = 0;
    leavingLater = 0;
  }

  /** How many bytes that request takes. */
  int of(Http2Stream stream) {
    Integer bytes = stream.getProperty(measured);
    return bytes == null ? ArrivingBytes.REQUEST_BYTES : bytes;
  }

  /** How many those take whose answers have begun and have not left whole. */
  long answered() {
    long[] bytes = {leaving + leavingLater};
    try {
      var _ =
          connection.forEachActiveStream(
              stream -> {
                bytes[0] += isUnderWay(stream) ? of(stream) : 0;
                return true;
              });
    } catch (Http2Exception e) {
      throw new IllegalStateException(e); // Looking at them throws none.
    }
    return bytes[0];
  }

  private boolean isUnderWay(Http2Stream stream) {
    return stream.isHeadersSent()
        && stream.state().localSideOpen()
        && stream.getProperty(left) == null;
  }
}
