package dev.tokenbroker.door;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.vertx.core.impl.VertxBuilder;
import io.vertx.core.impl.transports.JDKTransport;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.spi.VertxServiceProvider;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.microprofile.config.ConfigProvider;

/**
 * Takes so many connections as the settings say, whether they say anything or not: the server below
 * counts none of which it has not read what it speaks. Has each watched by {@link
 * UnwatchedAnswers}, and one of HTTP/2 by {@link EarlyAnswers}, and puts {@link Http1Requests}
 * before whatever else takes the requests of one of HTTP/1, from the first one on: first looks come
 * too late for what the server below does before it asks anybody, and for requests that are read
 * together with the first one.
 *
 * <p>{@code META-INF/services} names it to the server below, which calls it before it listens.
 */
public final class AcceptedConnections implements VertxServiceProvider {

  @Override
  public void init(VertxBuilder server) {
    // In place of one that is the same but for that: another one is not shipped.
    VertxBuilder _ = server.findTransport(new Listening());
  }

  private static final class Listening extends JDKTransport {

    private final AtomicInteger open = new AtomicInteger();

    @Override
    public void configure(
        NetServerOptions options, boolean domainSocket, ServerBootstrap bootstrap) {
      super.configure(options, domainSocket, bootstrap);
      ServerBootstrap _ = bootstrap.handler(new Acceptance(open, most()));
    }

    private static int most() {
      return ConfigProvider.getConfig()
          .getOptionalValue("quarkus.http.limits.max-connections", Integer.class)
          .filter(most -> most > 0)
          .orElse(Integer.MAX_VALUE);
    }
  }

  /** Sees each connection when it is accepted, before anything is read of it. */
  private static final class Acceptance extends ChannelInboundHandlerAdapter {

    private final AtomicInteger open;
    private final int most;

    /**
     * @param open how many there are, at all addresses
     * @param most how many there may be
     */
    Acceptance(AtomicInteger open, int most) {
      this.open = open;
      this.most = most;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object accepted) {
      if (accepted instanceof Channel connection) {
        if (open.incrementAndGet() > most) {
          int _ = open.decrementAndGet();
          connection.unsafe().closeForcibly();
          return;
        }
        var _ = connection.closeFuture().addListener(_ -> open.decrementAndGet());
        UnwatchedAnswers.watch(connection.pipeline());
        connection.pipeline().addLast(UnknownProtocol.HANDLER);
      }
      context.fireChannelRead(accepted);
    }
  }

  /**
   * Waits for the first bytes that are read as HTTP: the server below decides by what comes, or by
   * the handshake of TLS, which it is, and only then adds what reads it, behind this.
   */
  @Sharable
  private static final class UnknownProtocol extends ChannelInboundHandlerAdapter {

    static final UnknownProtocol HANDLER = new UnknownProtocol();

    @Override
    public void channelRead(ChannelHandlerContext context, Object bytes) {
      ChannelPipeline pipeline = context.pipeline();
      ChannelHandlerContext encoder = pipeline.context(HttpResponseEncoder.class);
      Http2ConnectionHandler http2 = pipeline.get(Http2ConnectionHandler.class);
      pipeline.remove(this);
      if (encoder != null) {
        pipeline.addAfter(encoder.name(), null, new Http1Requests());
      } else if (http2 != null) {
        EarlyAnswers _ = EarlyAnswers.of(context.channel(), http2);
      } else {
        pipeline.addLast(this);
      }
      context.fireChannelRead(bytes);
    }
  }
}
