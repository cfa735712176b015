package dev.tokenbroker.edges.grpc;

import dev.tokenbroker.edges.edge.FirstBytes;
import dev.tokenbroker.edges.edge.ListenerFaults;
import dev.tokenbroker.edges.edge.ListenerFaults.Listener;
import dev.tokenbroker.evaluate.exchange.ExchangeSettings;
import dev.tokenbroker.peers.trust.ServerSettings;
import dev.tokenbroker.peers.trust.ServerTls;
import dev.tokenbroker.peers.trust.TlsSettings;
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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSessionContext;
import org.jspecify.annotations.Nullable;

/**
 * Builds the gRPC server on Netty, with its limits, its TLS and the event loops of Vert.x, which
 * the HTTP server uses, too.
 *
 * <p>Two limits have no option in grpc-java. {@link BoundedAcceptance} enforces {@code
 * max-connections} at accept time, so silent connections count. {@link ReadWhileWritable} stops
 * reading from a peer that does not read its responses, which bounds the data that waits to be
 * sent.
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
  private final ListenerFaults faults;
  private final @Nullable CurrentTls current;

  GrpcTransport(
      GrpcSettings settings,
      ExchangeSettings exchange,
      TlsSettings tls,
      ServerSettings server,
      TlsConfigurationRegistry registry,
      ListenerFaults faults,
      Vertx vertx) {
    this.settings = settings;
    this.exchange = exchange;
    this.tls = tls;
    this.vertx = vertx;
    this.faults = faults;
    this.current =
        ServerTls.configuration(server, registry)
            .flatMap(registry::get)
            .map(CurrentTls::new)
            .orElse(null);
  }

  /** The builder of a server that has no services yet. */
  @SuppressWarnings("deprecation") // Vert.x 5 has no other access to its event loops.
  ServerBuilder<?> builder(InetSocketAddress address) {
    faults.grpcListens(address.getPort());
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(address)
            .channelFactory(() -> new BoundedAcceptance())
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

  /**
   * Uses the new certificate and trust for new connections. They cannot resume older TLS sessions,
   * since each context has its own.
   */
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
    } catch (Exception unusable) { // Vert.x declares no narrower type
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

  /** Delegates each new connection to the context that was built last. */
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
    @SuppressWarnings("deprecation") // Netty declares this method abstract.
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

  /**
   * Closes connections beyond the limit at accept time. Only its event loop uses it, except for the
   * count, which the event loops of the connections decrease.
   */
  private final class BoundedAcceptance extends NioServerSocketChannel {

    private final AtomicInteger open = new AtomicInteger();

    @Override
    protected int doReadMessages(List<Object> accepted) throws Exception {
      int before = accepted.size();
      int result = super.doReadMessages(accepted);
      for (int at = accepted.size() - 1; at >= before; at--) {
        Channel connection = (Channel) accepted.get(at);
        if (open.incrementAndGet() > settings.maxConnections()) {
          open.decrementAndGet();
          accepted.remove(at);
          connection.unsafe().closeForcibly();
        } else {
          connection.closeFuture().addListener(_ -> open.decrementAndGet());
          connection
              .pipeline()
              .addLast(new FirstBytes(Listener.GRPC, faults), ReadWhileWritable.HANDLER);
        }
      }
      return result;
    }
  }

  /** Stops reading from a connection while its outbound buffer is full. Has no state. */
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
