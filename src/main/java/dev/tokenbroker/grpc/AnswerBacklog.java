package dev.tokenbroker.grpc;

import dev.tokenbroker.door.UnreadAnswers;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What one connection has to send that its peer does not take, within a size and a time: the server
 * keeps all answers until then, however many, and a peer that reads nothing may go on asking, or
 * send pings so as not to be idle. A connection on which too much waits is closed; so is one whose
 * peer has taken nothing of what waits for as long as a call may take, before twice that.
 *
 * <p>Answers wait in two places: over HTTP/2 for a window, and then, or over HTTP/1.1 at once, for
 * the socket. Of the latter nothing is counted that fits the buffer of a socket that is not full.
 *
 * <p>What leaves in the turn in which it is written costs a look at both places. The first handler
 * of its pipeline, so that it closes from behind what would first say farewell, which such a peer
 * does not take either; on its event loop only.
 */
final class AnswerBacklog extends ChannelDuplexHandler {

  private final UnreadAnswers.Share share;
  private final Duration patience;
  private final @Nullable FlowBacklog streams;
  private long written;
  private @Nullable ScheduledFuture<?> look;

  private AnswerBacklog(
      UnreadAnswers.Share share, Duration patience, @Nullable FlowBacklog streams) {
    this.share = share;
    this.patience = patience;
    this.streams = streams;
  }

  /** How far a peer has come in taking: of its streams, and of its socket by writes and bytes. */
  private record Taken(long ofStreams, long writes, long ofNextWrite) {}

  /** Begins with a connection that has answered nothing yet. */
  static void watch(Channel channel, UnreadAnswers unread, Duration patience) {
    Http2ConnectionHandler http2 = channel.pipeline().get(Http2ConnectionHandler.class);
    FlowBacklog streams = http2 == null ? null : FlowBacklog.of(http2.connection());
    channel.pipeline().addFirst(new AnswerBacklog(unread.share(), patience, streams));
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    written++;
    var _ = context.write(message, promise);
  }

  @Override
  public void flush(ChannelHandlerContext context) {
    context.flush();
    judge(context);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    context.fireChannelWritabilityChanged();
    judge(context);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    boolean _ = share.hold(0);
    if (look != null) {
      boolean _ = look.cancel(false);
    }
  }

  private void judge(ChannelHandlerContext context) {
    ChannelOutboundBuffer socket = context.channel().unsafe().outboundBuffer();
    if (socket == null) {
      return; // It is closed.
    }
    long waiting = ofStreams() + (socket.isWritable() ? 0 : socket.totalPendingWriteBytes());
    if (!share.hold(waiting)) {
      var _ = context.close();
    } else if (look == null && (waiting > 0 || !socket.isEmpty())) {
      Taken before = taken(socket);
      look =
          context
              .executor()
              .schedule(() -> look(context, before), patience.toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  private void look(ChannelHandlerContext context, Taken before) {
    look = null;
    ChannelOutboundBuffer socket = context.channel().unsafe().outboundBuffer();
    if (socket != null && isDeaf(socket, before)) {
      var _ = context.close();
    } else {
      judge(context);
    }
  }

  /** By each place for itself: what leaves past a window, such as pings, opens none. */
  private boolean isDeaf(ChannelOutboundBuffer socket, Taken before) {
    Taken now = taken(socket);
    boolean hasMoved =
        now.writes != before.writes || now.ofNextWrite != before.ofNextWrite || socket.isEmpty();
    return !hasMoved || (ofStreams() > 0 && now.ofStreams == before.ofStreams);
  }

  private Taken taken(ChannelOutboundBuffer socket) {
    return new Taken(
        streams == null ? 0 : streams.taken(), written - socket.size(), socket.currentProgress());
  }

  private long ofStreams() {
    return streams == null ? 0 : streams.bytes();
  }
}
