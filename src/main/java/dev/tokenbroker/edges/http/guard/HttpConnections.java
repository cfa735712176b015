package dev.tokenbroker.edges.http.guard;

import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.edges.edge.ClientCertificate;
import dev.tokenbroker.edges.edge.FirstBytes;
import dev.tokenbroker.edges.edge.ListenerFaults;
import dev.tokenbroker.edges.edge.ListenerFaults.Listener;
import dev.tokenbroker.edges.http.token.RefusalResponse;
import dev.tokenbroker.edges.http.token.TokenError;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.SingleThreadEventLoop;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.http.HttpContent;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.EventExecutor;
import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.vertx.http.HttpServer;
import io.quarkus.vertx.http.ManagementInterface;
import io.quarkus.vertx.http.runtime.VertxHttpConfig;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.quarkus.vertx.http.runtime.management.ManagementConfig;
import io.vertx.core.Vertx;
import io.vertx.core.impl.VertxInternal;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.ext.web.RoutingContext;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Shutdown;
import jakarta.inject.Singleton;
import java.net.InetSocketAddress;

/**
 * Bounds the connections of the HTTP and management ports by their settings. {@code
 * limits.max-connections} counts at accept time; Quarkus has no limit at the management port. A
 * connection ends unless the whole head of a request comes within {@code idle-timeout}, which
 * Vert.x restarts at each byte. It also ends once its client certificate has expired.
 *
 * <p>Vert.x has no hook at accept time. So each look adds a handler to the server channels that are
 * new on its acceptor threads. The few connections before the first look after the start have the
 * limits of Vert.x only.
 */
@Singleton
final class HttpConnections {

  /** Runs before all other filters, since each of them may end a request. */
  private static final int PRIORITY = RequestFraming.PRIORITY + 2;

  private static final int LAST = Integer.MAX_VALUE;
  private static final long LOOK_MILLIS = 250;
  private static final String MALFORMED =
      "The chunks of the body are malformed; the connection is closed.";

  /** When a connection began to wait for a request, or the call that is under way. */
  private static final AttributeKey<Object> STATE = AttributeKey.valueOf("tokenbroker-state");

  private final HttpServer server;
  private final VertxHttpConfig http;
  private final ManagementConfig management;
  private final ListenerFaults faults;
  private final Clocks clock;
  private volatile long looks = -1; // no timer has that number

  HttpConnections(
      HttpServer server,
      VertxHttpConfig http,
      ManagementConfig management,
      ListenerFaults faults,
      Clocks clock) {
    this.server = server;
    this.http = http;
    this.management = management;
    this.faults = faults;
    this.clock = clock;
  }

  /** Begins last: Quarkus announces no shutdown to {@link #end} if an observer fails the start. */
  void begin(@Observes @Priority(LAST) StartupEvent event, Vertx vertx) {
    if (LaunchMode.current() != LaunchMode.DEVELOPMENT) { // where Vert.x outlives the application
      looks = vertx.setPeriodic(LOOK_MILLIS, _ -> look(vertx));
    }
  }

  void end(@Observes Shutdown event, Vertx vertx) {
    vertx.cancelTimer(looks);
  }

  void look(Vertx vertx) {
    if (server.getManagementPort() == 0 && management.hostEnabled()) {
      return; // not bound yet, or Quarkus has not told its port yet
    }
    for (EventExecutor acceptor : ((VertxInternal) vertx).getAcceptorEventLoopGroup()) {
      SingleThreadEventLoop loop = (SingleThreadEventLoop) acceptor;
      loop.execute(() -> loop.registeredChannelsIterator().forEachRemaining(this::look));
    }
  }

  private void look(Channel port) {
    BoundedAcceptance bounded = port.pipeline().get(BoundedAcceptance.class);
    if (bounded == null) {
      port.pipeline().addFirst(new BoundedAcceptance(port));
    } else {
      bounded.closeLate();
    }
  }

  void register(@Observes Filters filters) {
    filters.register(this::begun, PRIORITY);
  }

  void registerForManagement(@Observes ManagementInterface inside) {
    inside.router().route().order(-PRIORITY).handler(this::begun);
  }

  /** Lets the connection of a request wait for no other one until this one has its response. */
  void begun(RoutingContext call) {
    if (ClientCertificate.hasExpired(call.request().sslSession(), clock.instant())) {
      call.request().connection().close();
      return;
    }
    Channel connection = ((ConnectionBase) call.request().connection()).channel();
    connection.attr(STATE).set(call);
    ChannelPipeline pipeline = connection.pipeline();
    if (pipeline.get(MalformedChunks.class) == null) {
      pipeline.addBefore(pipeline.lastContext().name(), null, new MalformedChunks());
    }
    // A further request, sent before this response, may have begun by then.
    call.addEndHandler(_ -> connection.attr(STATE).compareAndSet(call, clock.nanoTime()));
    call.next();
  }

  /** Refuses a request whose chunks are malformed: Vert.x would end the connection in silence. */
  private static final class MalformedChunks extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (message instanceof HttpContent part
          && part.decoderResult().isFailure()
          && context.channel().attr(STATE).get() instanceof RoutingContext call
          && !call.request().isEnded() // else the chunk is of a later request, which waits
          && !call.response().headWritten()) {
        part.release();
        RefusalResponse.unread(TokenError.INVALID_REQUEST, MALFORMED).sendLast(call);
      } else {
        context.fireChannelRead(message);
      }
    }
  }

  /** The connections of one port. Used by the acceptor thread of the port only. */
  private final class BoundedAcceptance extends ChannelInboundHandlerAdapter {

    private final ChannelGroup open;
    private final boolean inside;
    private final int most;
    private final long patienceNanos;

    BoundedAcceptance(Channel port) {
      this.open = new DefaultChannelGroup(port.eventLoop());
      this.inside =
          port.localAddress() instanceof InetSocketAddress address
              && address.getPort() == server.getManagementPort();
      this.most =
          (inside ? management.limits() : http.limits()).maxConnections().orElse(Integer.MAX_VALUE);
      this.patienceNanos = (inside ? management.idleTimeout() : http.idleTimeout()).toNanos();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object accepted) {
      Channel connection = (Channel) accepted;
      if (open.size() >= most) {
        connection.unsafe().closeForcibly();
        return;
      }
      connection.attr(STATE).set(clock.nanoTime());
      open.add(connection);
      if (!(inside ? management.proxy() : http.proxy()).useProxyProtocol()) {
        Listener listener = inside ? Listener.MANAGEMENT : Listener.HTTP;
        connection.pipeline().addLast(new FirstBytes(listener, faults));
      }
      context.fireChannelRead(accepted);
    }

    void closeLate() {
      for (Channel connection : open) {
        // Vert.x at the end of the pipeline would wait for what is still to be sent.
        ChannelHandlerContext first = connection.pipeline().firstContext();
        if (connection.attr(STATE).get() instanceof Long since
            && clock.nanoTime() - since > patienceNanos
            && first != null) {
          var _ = first.close();
        }
      }
    }
  }
}
