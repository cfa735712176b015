package dev.tokenbroker.door;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2Exception;

/**
 * Lets what is written to a stream that its peer has reset fall, instead of the whole connection.
 *
 * <p>Such a write fails by an exception that holds one of the connection: that a server may not
 * begin a stream of that number. Where nobody listens to the write, the exception goes to the
 * pipeline, and there it ends the connection, with all calls on it (RFC 9113 section 5.4.1). But a
 * reset that crosses an answer is no error at all (section 5.1, "closed").
 */
final class VanishedStreams extends ChannelInboundHandlerAdapter {

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (!isOfVanishedStream(cause)) {
      context.fireExceptionCaught(cause);
    }
  }

  private static boolean isOfVanishedStream(Throwable cause) {
    // No other write fails by one that is made so, and what handlers throw does not come by here.
    return cause instanceof IllegalStateException && cause.getCause() instanceof Http2Exception;
  }
}
