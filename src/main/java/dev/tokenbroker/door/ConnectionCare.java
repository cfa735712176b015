package dev.tokenbroker.door;

import dev.tokenbroker.door.ArrivingBytes.Door;
import dev.tokenbroker.exchange.ExchangeSettings;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Set;

/**
 * Cares for what a connection has to send, from its first request on, whatever it speaks: that what
 * one turn of an event loop writes is flushed together, that it is closed by {@link
 * LingeringClose}, kept by {@link VanishedStreams}, and lost by who lets an {@link AnswerBacklog}
 * grow, which takes over from {@link UnwatchedAnswers}. It tells {@link Http1Requests} and {@link
 * EarlyAnswers}, which were there before, where to count, and keeps what waited behind an answer
 * that was the last from being carried out.
 *
 * <p>On flushing together: the server flushes at the end of a read, so answers that are found
 * during it leave in one system call. One that is given at the end of a turn, or brought back from
 * another thread, is flushed three times by itself: headers, message, trailers; without this, that
 * was the largest part of what a miss costs beside its signatures. HTTP/1.1 flushes once for each
 * answer, and past this.
 */
@Singleton
final class ConnectionCare implements FirstLook {

  private final ArrivingBytes arriving;
  private final CutOffRequests cutOff;
  private final UnreadAnswers unread;
  private final Duration patience;

  ConnectionCare(
      ArrivingBytes arriving,
      CutOffRequests cutOff,
      UnreadAnswers unread,
      ExchangeSettings settings) {
    this.arriving = arriving;
    this.cutOff = cutOff;
    this.unread = unread;
    this.patience = settings.maxDuration();
  }

  @Override
  public Set<Kind> kinds() {
    return Set.of(Kind.CALL, Kind.OTHER);
  }

  @Override
  public boolean mayAnswer() {
    return false;
  }

  @Override
  public boolean passes(RoutingContext call) {
    if (call.request().connection() instanceof ConnectionBase connection) {
      ChannelPipeline pipeline = connection.channel().pipeline();
      if (!(pipeline.first() instanceof AnswerBacklog)) {
        // Last, where the server's flushes begin: before HTTP/2 goes through all streams for each.
        pipeline.addLast(
            new FlushConsolidationHandler(
                FlushConsolidationHandler.DEFAULT_EXPLICIT_FLUSH_AFTER_FLUSHES, true));
        pipeline.addFirst(new VanishedStreams());
        pipeline.addFirst(new LingeringClose());
        AnswerBacklog.watch(connection.channel(), unread, patience);
        UnwatchedAnswers.leaveToOthers(pipeline);
        Http1Requests requests = pipeline.get(Http1Requests.class);
        if (requests != null) {
          requests.countBy(arriving.share(Door.HTTP, connection));
        }
        Http2ConnectionHandler http2 = pipeline.get(Http2ConnectionHandler.class);
        if (http2 != null) {
          EarlyAnswers.of(connection.channel(), http2).countBy(cutOff);
        }
      }
      return call.request().version() == HttpVersion.HTTP_2 || mayFollow(pipeline);
    }
    return true;
  }

  private static boolean mayFollow(ChannelPipeline pipeline) {
    Http1Requests requests = pipeline.get(Http1Requests.class);
    return requests == null || !requests.isLastAnswered();
  }
}
