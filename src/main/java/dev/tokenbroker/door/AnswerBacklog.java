package dev.tokenbroker.door;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
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
 * peer has taken nothing of what waits for as long as a call may take, before twice that. Over
 * HTTP/2 an answer that waits keeps its request, which may be a hundred times as large, and counts
 * with it.
 *
 * <p>Answers wait in two places: over HTTP/2 for a window, and then, or over HTTP/1.1 at once, for
 * the socket, which takes all that is flushed unless its own buffer is full.
 *
 * <p>What leaves in the turn in which it is written costs a look at both places; writes are counted
 * only while something waits, and an empty one behind what the socket has not taken tells when it
 * has. The first handler of its pipeline, so that it closes from behind what would first say
 * farewell, which such a peer does not take either; on its event loop only.
 */
final class AnswerBacklog extends ChannelDuplexHandler {

  private final UnreadAnswers.Share share;
  private final Duration patience;
  private final @Nullable FlowBacklog streams;
  private final @Nullable RequestHeads heads;
  private long kept;
  private boolean isFlushing;
  private @Nullable Look look;
  private boolean isToldOfSocket;

  private AnswerBacklog(
      UnreadAnswers.Share share,
      Duration patience,
      @Nullable FlowBacklog streams,
      @Nullable RequestHeads heads) {
    this.share = share;
    this.patience = patience;
    this.streams = streams;
    this.heads = heads;
  }

  /** How far a peer has come in taking: of its streams, and of its socket by writes and bytes. */
  private record Taken(long ofStreams, long writes, long ofNextWrite) {}

  /** Sees whether a peer takes anything in time; counts what is written to it until then. */
  private final class Look extends ChannelOutboundHandlerAdapter {

    private final ChannelHandlerContext context;
    private final ScheduledFuture<?> end;
    private final boolean streamsWaited;
    private final boolean socketWaited;
    private final Taken before;
    private long written;

    Look(ChannelHandlerContext context, ChannelOutboundBuffer socket) {
      this.context = context;
      streamsWaited = ofStreams() > 0;
      socketWaited = !socket.isEmpty();
      before = taken(socket);
      context.pipeline().addAfter(context.name(), null, this);
      end = context.executor().schedule(this::ends, patience.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void write(ChannelHandlerContext next, Object message, ChannelPromise promise) {
      written++;
      var _ = next.write(message, promise);
    }

    /** Something was written past it. */
    void count() {
      written++;
    }

    void cancel() {
      boolean _ = end.cancel(false);
    }

    private void ends() {
      look = null;
      context.pipeline().remove(this);
      ChannelOutboundBuffer socket = context.channel().unsafe().outboundBuffer();
      if (socket != null && isDeaf(socket)) {
        var _ = context.close();
      } else {
        judge(context);
      }
    }

    /**
     * By each place for itself: what leaves past a window, such as pings, opens none. What has come
     * to wait since may have waited no time, and is left to the next look.
     */
    private boolean isDeaf(ChannelOutboundBuffer socket) {
      Taken now = taken(socket);
      boolean socketMoved = now.writes != before.writes || now.ofNextWrite != before.ofNextWrite;
      return (socketWaited && !socketMoved) || (streamsWaited && now.ofStreams == before.ofStreams);
    }

    private Taken taken(ChannelOutboundBuffer socket) {
      return new Taken(
          streams == null ? 0 : streams.taken(), written - socket.size(), socket.currentProgress());
    }
  }

  /** Begins with a connection that has answered nothing yet. */
  static void watch(Channel channel, UnreadAnswers unread, Duration patience) {
    Http2ConnectionHandler http2 = channel.pipeline().get(Http2ConnectionHandler.class);
    FlowBacklog streams = http2 == null ? null : FlowBacklog.of(http2.connection());
    RequestHeads heads = http2 == null ? null : RequestHeads.of(channel, http2);
    channel.pipeline().addFirst(new AnswerBacklog(unread.share(), patience, streams, heads));
  }

  @Override
  public void flush(ChannelHandlerContext context) {
    if (isFlushing) { // The socket takes, and HTTP/2 gives it more: what waits now leaves at once.
      context.flush();
      return;
    }
    isFlushing = true;
    try {
      context.flush();
    } finally {
      isFlushing = false;
    }
    judge(context);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    context.fireChannelWritabilityChanged();
    ChannelOutboundBuffer socket = context.channel().unsafe().outboundBuffer();
    if (socket != null) {
      judge(context, socket); // By what was kept: what is not flushed yet may leave at once.
    }
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    boolean _ = share.hold(0);
    if (look != null) {
      look.cancel();
    }
  }

  /** Once all has left that could. */
  private void judge(ChannelHandlerContext context) {
    ChannelOutboundBuffer socket = context.channel().unsafe().outboundBuffer();
    if (socket != null) { // Else it is closed.
      if (heads != null && socket.totalPendingWriteBytes() == 0) {
        heads.allTaken();
      }
      kept = heads == null || waiting(socket) == 0 ? 0 : heads.answered();
      judge(context, socket);
    }
  }

  private void judge(ChannelHandlerContext context, ChannelOutboundBuffer socket) {
    long waiting = waiting(socket);
    if (!share.hold(waiting == 0 ? 0 : waiting + kept)) {
      var _ = context.close();
      return;
    }
    if (look == null && (waiting > 0 || !socket.isEmpty())) {
      look = new Look(context, socket);
    }
    if (look != null && !socket.isEmpty() && !isToldOfSocket) {
      judgeOnceTaken(context, look); // At once, perhaps.
    }
  }

  /** The socket tells nobody that it has taken all. */
  private void judgeOnceTaken(ChannelHandlerContext context, Look counting) {
    isToldOfSocket = true;
    counting.count();
    if (heads != null) {
      heads.written();
    }
    var _ =
        context
            .writeAndFlush(Unpooled.EMPTY_BUFFER)
            .addListener(
                _ -> {
                  isToldOfSocket = false;
                  if (heads != null) {
                    heads.taken();
                  }
                  // This may be within a flush.
                  context.executor().execute(() -> judge(context));
                });
  }

  private long waiting(ChannelOutboundBuffer socket) {
    return ofStreams() + (socket.isEmpty() ? 0 : socket.totalPendingWriteBytes());
  }

  private long ofStreams() {
    return streams == null ? 0 : streams.bytes();
  }
}
