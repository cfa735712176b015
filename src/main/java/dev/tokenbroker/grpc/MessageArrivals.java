package dev.tokenbroker.grpc;

import dev.tokenbroker.door.ArrivingBytes;
import dev.tokenbroker.door.ArrivingBytes.Door;
import dev.tokenbroker.door.ArrivingBytes.Share;
import dev.tokenbroker.door.FirstLook;
import dev.tokenbroker.exchange.ExchangeSettings;
import io.netty.channel.Channel;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.util.Attribute;
import io.netty.util.AttributeKey;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Set;

/**
 * Sees to it that the requests of calls arrive whole, within a time and within the memory that all
 * of them may hold: the gRPC server keeps what has come of a message for as long as its caller
 * likes. {@link ArrivingCalls} does it for each connection.
 */
@Singleton
final class MessageArrivals implements FirstLook {

  private static final AttributeKey<Object> KEPT =
      AttributeKey.valueOf(ArrivingCalls.class.getName());

  private final ArrivingBytes bytes;
  private final Duration patience;

  MessageArrivals(ArrivingBytes bytes, ExchangeSettings settings) {
    this.bytes = bytes;
    this.patience = settings.maxDuration();
  }

  @Override
  public Set<Kind> kinds() {
    return Set.of(Kind.CALL);
  }

  @Override
  public boolean mayAnswer() {
    return false;
  }

  @Override
  public boolean passes(RoutingContext call) {
    if (call.request().connection() instanceof ConnectionBase connection) {
      of(connection).add(call);
    }
    return true;
  }

  private ArrivingCalls of(ConnectionBase connection) {
    Channel channel = connection.channel();
    Attribute<Object> kept = channel.attr(KEPT);
    // Not one of a class of the same name, from before a reload.
    if (kept.get() instanceof ArrivingCalls begun) {
      return begun;
    }
    Http2ConnectionHandler http = channel.pipeline().get(Http2ConnectionHandler.class);
    Share share = bytes.share(Door.GRPC, connection);
    ArrivingCalls calls = ArrivingCalls.watch(channel, http, share, patience);
    kept.set(calls);
    return calls;
  }
}
