package dev.tokenbroker.door;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.util.ReferenceCountUtil;

/**
 * Loses a connection that sends more while what was sent to it waits: until it makes a request that
 * is looked at, from when on {@link ConnectionCare} has patience. Some are answered before anybody
 * sees them, such as one for what is no address, a ping or new settings of HTTP/2, and the answers
 * to those would wait without a bound. Less than 64 KiB waits for none that is not lost.
 */
@Sharable
final class UnwatchedAnswers extends ChannelInboundHandlerAdapter {

  private static final UnwatchedAnswers HANDLER = new UnwatchedAnswers();

  private UnwatchedAnswers() {}

  /** Begins, before anything is read. */
  static void watch(ChannelPipeline pipeline) {
    pipeline.addFirst(HANDLER);
  }

  /** Ends, if it has begun. */
  static void leaveToOthers(ChannelPipeline pipeline) {
    if (pipeline.context(HANDLER) != null) {
      pipeline.remove(HANDLER);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object bytes) {
    if (context.channel().isWritable()) {
      context.fireChannelRead(bytes);
    } else {
      ReferenceCountUtil.release(bytes);
      var _ = context.close();
    }
  }
}
