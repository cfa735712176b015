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
import java.util.Map;

/**
 * Knows how large the requests of one connection of HTTP/2 are, their bodies aside: the server
 * below keeps each, with all that is made of it, until its stream is closed, which is when the last
 * of its answer has left.
 *
 * <p>A head is measured as it comes, since the server takes it apart; all are added up only where
 * something waits. Confined to the event loop of the connection.
 */
final class RequestHeads extends Http2FrameListenerDecorator {

  private static final AttributeKey<Object> KEPT =
      AttributeKey.valueOf(RequestHeads.class.getName());

  private final Http2Connection connection;
  private final Http2Connection.PropertyKey measured;

  private RequestHeads(Http2ConnectionDecoder decoder) {
    super(decoder.frameListener());
    this.connection = decoder.connection();
    this.measured = connection.newKey();
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
      var _ = stream.setProperty(measured, size(headers));
    }
    super.onHeadersRead(context, id, headers, dependency, weight, exclusive, padding, last);
  }

  private static int size(Http2Headers headers) {
    int bytes = ArrivingBytes.REQUEST_BYTES;
    for (Map.Entry<CharSequence, CharSequence> header : headers) {
      bytes += header.getKey().length() + header.getValue().length();
    }
    return bytes;
  }

  /** How many bytes that request takes. */
  int of(Http2Stream stream) {
    Integer bytes = stream.getProperty(measured);
    return bytes == null ? ArrivingBytes.REQUEST_BYTES : bytes;
  }

  /** How many those take whose answers have begun and have not been written whole. */
  long answered() {
    long[] bytes = {0};
    try {
      var _ =
          connection.forEachActiveStream(
              stream -> {
                boolean isUnderWay = stream.isHeadersSent() && stream.state().localSideOpen();
                bytes[0] += isUnderWay ? of(stream) : 0;
                return true;
              });
    } catch (Http2Exception e) {
      throw new IllegalStateException(e); // Looking at them throws none.
    }
    return bytes[0];
  }
}
