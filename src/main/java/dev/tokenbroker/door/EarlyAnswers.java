package dev.tokenbroker.door;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.Attribute;
import io.netty.util.AttributeKey;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

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
 * <p>What its peer had sent before it was told still comes (section 5.1, "closed"). A stream that
 * is known to have been told of its end lets that fall. For one that is forgotten the codec answers
 * each frame by an error, and after some thousands of those within half a minute it closes the
 * connection, with all that others have on it, where a proxy brings many. So each is kept for a
 * second or two, within a number and a size for the connection and the number of streams that its
 * peer may open, beyond which the oldest goes, and within {@link CutOffRequests}.
 *
 * <p>Confined to the event loop of the connection.
 */
public final class EarlyAnswers extends Http2ConnectionAdapter {

  private static final AttributeKey<Object> KEPT =
      AttributeKey.valueOf(EarlyAnswers.class.getName());

  private static final long LOOK_MILLIS = 1_000;
  private static final int MOST = 64;
  private static final long MOST_BYTES = 256 * 1024;

  /** A stream whose peer was told. */
  private record Told(Http2Stream stream, long bytes) {}

  private final Channel channel;
  private final Http2ConnectionHandler http2;
  private final Deque<Told> told = new ArrayDeque<>();
  private IntPredicate leftToOthers = _ -> false;
  private @Nullable CutOffRequests ofAll;
  private @Nullable RequestHeads heads;
  private @Nullable ScheduledFuture<?> look;
  private int seen;
  private long bytes;

  private EarlyAnswers(Channel channel, Http2ConnectionHandler http2) {
    this.channel = channel;
    this.http2 = http2;
  }

  /** Those of that connection, which are the same each time; begins when first asked for. */
  public static EarlyAnswers of(Channel channel, Http2ConnectionHandler http2) {
    Attribute<Object> kept = channel.attr(KEPT);
    // Not one of a class of the same name, from before a reload.
    if (kept.get() instanceof EarlyAnswers begun) {
      return begun;
    }
    EarlyAnswers answers = new EarlyAnswers(channel, http2);
    kept.set(answers);
    http2.connection().addListener(answers);
    var _ = channel.closeFuture().addListener(_ -> answers.forgetAll());
    return answers;
  }

  /** From now on keeps those for a while that it ends, and counts them there. */
  void countBy(CutOffRequests requests) {
    ofAll = requests;
    heads = RequestHeads.of(channel, http2);
  }

  /** From now on leaves those streams of the connection to who ends them. */
  public void leaveToOthers(IntPredicate streams) {
    leftToOthers = streams;
  }

  @Override
  public void onStreamHalfClosed(Http2Stream stream) {
    if (stream.state().remoteSideOpen() && !leftToOthers.test(stream.id())) {
      channel.eventLoop().execute(() -> end(stream, 0));
    }
  }

  /** Keeps none in whose place the peer may open another: to it, they have ended. */
  @Override
  public void onStreamActive(Http2Stream stream) {
    makeRoom();
  }

  private void makeRoom() {
    while (!told.isEmpty() && !http2.connection().remote().canOpenStream()) {
      forgetOldest();
    }
  }

  /**
   * Ends a stream that was left to others.
   *
   * @param held what is held of its request, if that is more than its head
   */
  public void end(int stream, long held) {
    Http2Stream open = http2.connection().stream(stream);
    if (open != null) {
      end(open, held);
    }
  }

  private void end(Http2Stream stream, long held) {
    ChannelHandlerContext context = channel.pipeline().context(http2);
    if (context == null
        || !channel.isActive()
        || !stream.state().remoteSideOpen()
        || stream.isResetSent()) {
      return;
    }
    long reason = Http2Error.NO_ERROR.code();
    long ofStream = heads == null ? held : Math.max(held, heads.of(stream));
    // One that is not answered whole is not kept, lest more of its answer follows.
    if (!stream.state().localSideOpen() && ofAll != null && ofAll.hold(ofStream)) {
      var to = http2.encoder().frameWriter();
      var _ = to.writeRstStream(context, stream.id(), reason, context.newPromise());
      var _ = stream.resetSent();
      keep(new Told(stream, ofStream));
    } else {
      var _ = http2.encoder().writeRstStream(context, stream.id(), reason, context.newPromise());
      leaves(stream);
    }
    channel.flush();
  }

  private void keep(Told one) {
    told.add(one);
    bytes += one.bytes;
    while (told.size() > MOST || bytes > MOST_BYTES) {
      forgetOldest();
    }
    makeRoom();
    lookLater();
  }

  private void lookLater() {
    if (look == null && !told.isEmpty()) {
      look = channel.eventLoop().schedule(this::look, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  /** Forgets those that were there at the look before. */
  private void look() {
    look = null;
    for (int old = seen; old > 0 && !told.isEmpty(); old--) { // Less where that ends all.
      forgetOldest();
    }
    seen = told.size();
    lookLater();
  }

  private void forgetOldest() {
    Told oldest = told.remove();
    seen = Math.max(0, seen - 1);
    letGo(oldest);
    leaves(oldest.stream);
    http2.closeStream(oldest.stream, channel.newSucceededFuture());
  }

  private void leaves(Http2Stream stream) {
    if (heads != null) {
      heads.leaves(stream);
    }
  }

  private void forgetAll() {
    told.forEach(this::letGo);
    told.clear();
    if (look != null) {
      boolean _ = look.cancel(false);
    }
  }

  private void letGo(Told one) {
    bytes -= one.bytes;
    Objects.requireNonNull(ofAll).letGo(one.bytes);
  }
}
