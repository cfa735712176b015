package dev.tokenbroker.grpc;

import dev.tokenbroker.exchange.ExchangeSettings;
import dev.tokenbroker.outbound.ServerSettings;
import dev.tokenbroker.outbound.ServerTls;
import dev.tokenbroker.outbound.TlsSettings;
import io.grpc.ServerBuilder;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.ApplicationProtocolNegotiator;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.quarkus.tls.CertificateUpdatedEvent;
import io.quarkus.tls.TlsConfiguration;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.net.SSLOptions;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSessionContext;
import org.jspecify.annotations.Nullable;

/**
 * Builds the gRPC server on Netty: its limits, its TLS, and the event loops of Vert.x, which it
 * shares with the HTTP server. The only class of the edges that knows Netty.
 *
 * <p>Two things are set here that grpc-java has no option for. Connections are counted when they
 * are accepted, whether they say anything or not. And a connection whose peer does not read its
 * responses is not read from either, so what waits to be sent stays bounded.
 */
@Singleton
final class GrpcTransport {

  static final int MAX_MESSAGE_BYTES = 256 * 1024;

  private static final int MAX_METADATA_BYTES = 32 * 1024;
  private static final int MAX_CALLS_PER_CONNECTION = 1_000;
  private static final int MAX_RESETS = 5_000;
  private static final int RESET_WINDOW_SECONDS = 30;
  private static final int HANDSHAKE_SECONDS = 10;
  private static final int PING_SECONDS = 60;
  private static final int PING_TIMEOUT_SECONDS = 20;
  private static final int MIN_CLIENT_PING_SECONDS = 10;
  private static final int BACKLOG = 1_024;

  private final GrpcSettings settings;
  private final ExchangeSettings exchange;
  private final TlsSettings tls;
  private final Vertx vertx;
  private final @Nullable CurrentTls current;

  GrpcTransport(
      GrpcSettings settings,
      ExchangeSettings exchange,
      TlsSettings tls,
      ServerSettings server,
      TlsConfigurationRegistry registry,
      Vertx vertx) {
    this.settings = settings;
    this.exchange = exchange;
    this.tls = tls;
    this.vertx = vertx;
    this.current = current(server, registry).map(CurrentTls::new).orElse(null);
  }

  private static Optional<TlsConfiguration> current(
      ServerSettings server, TlsConfigurationRegistry registry) {
    boolean defaultHasKeys =
        registry.getDefault().filter(one -> one.getKeyStoreOptions() != null).isPresent();
    return ServerTls.configuration(server, defaultHasKeys).flatMap(registry::get);
  }

  /** A server without services. */
  @SuppressWarnings("deprecation") // Vert.x 5 has no other way to its event loops either.
  ServerBuilder<?> builder(InetSocketAddress address) {
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(address)
            .channelFactory(() -> new BoundedAcceptance(settings.maxConnections()))
            .bossEventLoopGroup(vertx.nettyEventLoopGroup())
            .workerEventLoopGroup(vertx.nettyEventLoopGroup())
            .withOption(ChannelOption.SO_BACKLOG, BACKLOG)
            .withOption(ChannelOption.SO_REUSEADDR, true)
            .directExecutor()
            .handshakeTimeout(HANDSHAKE_SECONDS, TimeUnit.SECONDS)
            .maxInboundMessageSize(MAX_MESSAGE_BYTES)
            .maxInboundMetadataSize(MAX_METADATA_BYTES)
            .maxConcurrentCallsPerConnection(MAX_CALLS_PER_CONNECTION)
            .maxRstFramesPerWindow(MAX_RESETS, RESET_WINDOW_SECONDS)
            .keepAliveTime(PING_SECONDS, TimeUnit.SECONDS)
            .keepAliveTimeout(PING_TIMEOUT_SECONDS, TimeUnit.SECONDS)
            .permitKeepAliveTime(MIN_CLIENT_PING_SECONDS, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true)
            .maxConnectionIdle(settings.maxConnectionIdle().toMillis(), TimeUnit.MILLISECONDS)
            .maxConnectionAge(settings.maxConnectionAge().toMillis(), TimeUnit.MILLISECONDS)
            .maxConnectionAgeGrace(exchange.maxDuration().toMillis(), TimeUnit.MILLISECONDS);
    if (current != null) {
      current.use(current.configuration);
      builder.sslContext(current);
    }
    return builder;
  }

  boolean isEncrypted() {
    return current != null;
  }

  /** New connections get the new certificate and trust; resumed sessions are those of its own. */
  void reload(@Observes CertificateUpdatedEvent event) {
    if (current != null && event.name().equals(current.configuration.getName())) {
      current.use(event.tlsConfiguration());
    }
  }

  private SslContext build(TlsConfiguration configuration) {
    try {
      SSLOptions options = configuration.getSSLOptions();
      SslContextBuilder context =
          GrpcSslContexts.configure(
                  SslContextBuilder.forServer(
                      configuration.getKeyStoreOptions().getKeyManagerFactory(vertx)),
                  SslProvider.JDK)
              .protocols(options.getEnabledSecureTransportProtocols())
              .clientAuth(clientAuth());
      if (configuration.getTrustStoreOptions() != null) {
        context.trustManager(configuration.getTrustStoreOptions().getTrustManagerFactory(vertx));
      }
      if (!options.getEnabledCipherSuites().isEmpty()) {
        context.ciphers(options.getEnabledCipherSuites(), SupportedCipherSuiteFilter.INSTANCE);
      }
      return context.build();
    } catch (Exception unusable) { // Vert.x declares no narrower type.
      throw new IllegalStateException(
          "the TLS configuration of the server cannot be used", unusable);
    }
  }

  private ClientAuth clientAuth() {
    return switch (tls.clientAuth()) {
      case NONE -> ClientAuth.NONE;
      case REQUEST -> ClientAuth.OPTIONAL;
      case REQUIRED -> ClientAuth.REQUIRE;
    };
  }

  /** Has each connection made by the certificates of the moment. */
  private final class CurrentTls extends SslContext {

    private final TlsConfiguration configuration;
    private volatile @Nullable SslContext context;

    CurrentTls(TlsConfiguration configuration) {
      this.configuration = configuration;
    }

    void use(TlsConfiguration latest) {
      context = build(latest);
    }

    private SslContext current() {
      SslContext made = context;
      if (made == null) {
        throw new IllegalStateException("the server is not built yet");
      }
      return made;
    }

    @Override
    public boolean isClient() {
      return false;
    }

    @Override
    public List<String> cipherSuites() {
      return current().cipherSuites();
    }

    @Override
    @SuppressWarnings("deprecation") // Netty's own, which a delegate cannot leave out.
    public ApplicationProtocolNegotiator applicationProtocolNegotiator() {
      return current().applicationProtocolNegotiator();
    }

    @Override
    public SSLEngine newEngine(ByteBufAllocator allocator) {
      return current().newEngine(allocator);
    }

    @Override
    public SSLEngine newEngine(ByteBufAllocator allocator, String host, int port) {
      return current().newEngine(allocator, host, port);
    }

    @Override
    public SSLSessionContext sessionContext() {
      return current().sessionContext();
    }
  }

  /** Accepts as many connections as there may be. Confined to its event loop, but for the count. */
  private static final class BoundedAcceptance extends NioServerSocketChannel {

    private final int most;
    private final AtomicInteger open = new AtomicInteger();

    BoundedAcceptance(int most) {
      this.most = most;
    }

    @Override
    protected int doReadMessages(List<Object> accepted) throws Exception {
      int before = accepted.size();
      int result = super.doReadMessages(accepted);
      for (int at = accepted.size() - 1; at >= before; at--) {
        Channel connection = (Channel) accepted.get(at);
        if (open.incrementAndGet() > most) {
          open.decrementAndGet();
          accepted.remove(at);
          connection.unsafe().closeForcibly();
        } else {
          var _ = connection.closeFuture().addListener(_ -> open.decrementAndGet());
          connection.pipeline().addLast(ReadWhileWritable.HANDLER);
        }
      }
      return result;
    }
  }

  /** Reads no requests of a peer while its responses wait in the socket. */
  @Sharable
  private static final class ReadWhileWritable extends ChannelInboundHandlerAdapter {

    static final ReadWhileWritable HANDLER = new ReadWhileWritable();

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
      context.channel().config().setAutoRead(context.channel().isWritable());
      context.fireChannelWritabilityChanged();
    }
  }
}
