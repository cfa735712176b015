package dev.tokenbroker.grpc;

import dev.tokenbroker.door.ArrivingBytes;
import dev.tokenbroker.door.ArrivingBytes.Share;
import dev.tokenbroker.door.EarlyAnswers;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import io.grpc.StatusRuntimeException;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The calls of one connection whose callers have not said that all is sent.
 *
 * <p>As a rule all of a call is read in one go, so that it leaves again at once. Therefore none has
 * a timer of its own: while there are any, all are looked at from time to time. Nor is its head
 * counted, unless it is still there at the end of the turn of the event loop. One that is there for
 * the second time has had its time, and is refused. So is at once what is too much for all
 * connections, or for this one. Peers that take no refusal are left to {@code door/AnswerBacklog}.
 *
 * <p>Confined to the event loop of the connection.
 */
final class ArrivingCalls extends Http2FrameListenerDecorator {

  private final Channel channel;
  private final Http2Connection connection;
  private final EarlyAnswers answers;
  private final Share bytes;
  private final Duration patience;
  private final IntObjectMap<Arrival> arriving = new IntObjectHashMap<>();
  private final List<Arrival> begun = new ArrayList<>();
  private @Nullable ScheduledFuture<?> look;

  private ArrivingCalls(
      Channel channel, Http2ConnectionHandler http2, Share bytes, Duration patience) {
    super(http2.decoder().frameListener());
    this.channel = channel;
    this.connection = http2.connection();
    this.answers = EarlyAnswers.of(channel, http2);
    this.bytes = bytes;
    this.patience = patience;
  }

  private static final class Arrival {
    private final RoutingContext call;
    private long bytes;
    private boolean seen;
    private boolean refused;
    private boolean ended;

    Arrival(RoutingContext call) {
      this.call = call;
    }
  }

  /**
   * Begins with a connection.
   *
   * @param bytes what the connection holds
   * @param patience how long a call may take to arrive; it is refused before twice that has passed
   */
  static ArrivingCalls watch(
      Channel channel, Http2ConnectionHandler http2, Share bytes, Duration patience) {
    var calls = new ArrivingCalls(channel, http2, bytes, patience);
    http2.decoder().frameListener(calls);
    calls.answers.leaveToOthers(calls.arriving::containsKey);
    http2
        .connection()
        .addListener(
            new Http2ConnectionAdapter() {
              @Override
              public void onStreamHalfClosed(Http2Stream stream) {
                if (!stream.state().remoteSideOpen()) {
                  calls.remove(stream.id());
                }
              }

              @Override
              public void onStreamClosed(Http2Stream stream) {
                calls.remove(stream.id());
              }
            });
    var _ = channel.closeFuture().addListener(_ -> calls.stopLooking());
    return calls;
  }

  /** One has begun: its headers are being read. */
  void add(RoutingContext call) {
    Http2Stream stream = connection.stream(call.response().streamId());
    if (stream != null
        && stream.state().remoteSideOpen()
        && !arriving.containsKey(stream.id())) { // One that is routed anew begins but once.
      Arrival arrival = new Arrival(call);
      arriving.put(stream.id(), arrival);
      countLater(arrival);
      lookLater();
    }
  }

  private void countLater(Arrival arrival) {
    if (begun.isEmpty()) {
      channel.eventLoop().execute(this::countHeads);
    }
    begun.add(arrival);
  }

  private void countHeads() {
    for (Arrival arrival : begun) {
      if (!arrival.ended) {
        hold(arrival, ArrivingBytes.ofHead(arrival.call.request()));
      }
    }
    begun.clear();
  }

  @Override
  public int onDataRead(
      ChannelHandlerContext context, int stream, ByteBuf data, int padding, boolean last)
      throws Http2Exception {
    int more = data.readableBytes();
    int processed = super.onDataRead(context, stream, data, padding, last);
    Arrival arrival = last ? null : arriving.get(stream);
    if (arrival != null) {
      hold(arrival, more);
    }
    return processed;
  }

  private void hold(Arrival arrival, int more) {
    arrival.bytes += more;
    boolean hasRoom = bytes.hold(more);
    if (!hasRoom && !arrival.refused) {
      bytes.refuse();
      refuse(arrival, RefusalStatus.ofCaller(Refusal.of(RefusalReason.BROKER_OVERLOADED)));
    }
  }

  private void remove(int stream) {
    Arrival arrival = arriving.remove(stream);
    if (arrival != null) {
      arrival.ended = true;
      if (arrival.bytes > 0) {
        bytes.letGo(arrival.bytes);
      }
    }
  }

  private void lookLater() {
    if (look == null) {
      look = channel.eventLoop().schedule(this::look, patience.toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  /** Else the event loop would hold a connection that has gone until then. */
  private void stopLooking() {
    if (look != null) {
      boolean _ = look.cancel(false);
    }
  }

  private void look() {
    look = null;
    for (Arrival arrival : List.copyOf(arriving.values())) {
      if (!arrival.seen) {
        arrival.seen = true;
      } else {
        refuse(arrival, RefusalStatus.tooSlow());
      }
    }
    if (!arriving.isEmpty()) {
      lookLater();
    }
  }

  private void refuse(Arrival arrival, StatusRuntimeException refusal) {
    if (!arrival.refused) {
      arrival.refused = true;
      MessageFraming.refuse(arrival.call, refusal);
      answers.end(arrival.call.response().streamId(), arrival.bytes);
    }
  }
}
