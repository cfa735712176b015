package dev.tokenbroker.door;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.TimeUnit;

/**
 * Closes a connection so that the peer gets all that was written to it: says that nothing more
 * comes, and lets go once the peer has closed, too, or after a second.
 *
 * <p>Closing at once is not enough. A peer that goes on sending, as one does that has not heard of
 * GOAWAY yet, leaves bytes here that nobody reads; a system that closes a socket with such bytes
 * resets it, and then drops at the peer what was sent but not read: answers to calls that were
 * accepted (RFC 9112 section 9.6 has the same of HTTP/1.1).
 *
 * <p>The server below often closes twice: what closes once nothing more can be written waits for
 * the first; what does before loses what is not written yet.
 *
 * <p>Behind it is only {@link AnswerBacklog}, which closes at once; on its event loop only.
 */
final class LingeringClose extends ChannelDuplexHandler {

  private static final long LINGER_MILLIS = 1_000;

  private boolean closing;
  private boolean lingering;

  @Override
  public void close(ChannelHandlerContext context, ChannelPromise promise) {
    if (lingering) {
      context.channel().closeFuture().addListener(_ -> promise.trySuccess());
      return;
    }
    if (closing || !(context.channel() instanceof DuplexChannel channel) || !channel.isActive()) {
      var _ = context.close(promise);
      return;
    }
    closing = true;
    channel.closeFuture().addListener(_ -> promise.trySuccess());
    channel.config().setAutoRead(true);
    // Ends with what was written before.
    context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(_ -> linger(context, channel));
  }

  private void linger(ChannelHandlerContext context, DuplexChannel channel) {
    lingering = true;
    channel.shutdownOutput().addListener(_ -> letGoLater(context));
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (closing) {
      ReferenceCountUtil.release(message);
    } else {
      context.fireChannelRead(message);
    }
  }

  private static void letGoLater(ChannelHandlerContext context) {
    Runnable letGo =
        () -> {
          var _ = context.close();
        };
    var _ = context.executor().schedule(letGo, LINGER_MILLIS, TimeUnit.MILLISECONDS);
  }
}
