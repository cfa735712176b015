package dev.tokenbroker.edges.edge;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.edges.edge.ListenerFaults.Listener;
import dev.tokenbroker.edges.edge.ListenerFaults.ListenerFault;
import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.edges.http.guard.RawConnection;
import dev.tokenbroker.peers.trust.TestTls;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslHandler;
import io.quarkus.vertx.http.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Real sockets at a server that greets first and echoes, as gRPC sends its settings first. */
class FirstBytesTest {

  private static final String HTTP_1 = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  private static final String HTTP_2 = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  private static final String HTTP_AT = answer("This is the gRPC port; HTTP is at port 8080.");
  private static final String GRPC_AT = answer("This is the HTTP port; gRPC is at port 9000.");

  private final EventLoopGroup loops = new NioEventLoopGroup(1);
  private final TestTls authority = TestTls.generate();
  private final ListenerFaults faults = new ListenerFaults(new Ports(), Clocks.system());
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final Logger log = Logger.getLogger(ListenerFaults.class.getName());
  private final Handler capture =
      new Handler() {
        @Override
        public void publish(LogRecord line) {
          lines.add(
              line.getParameters() == null
                  ? line.getMessage()
                  : line.getMessage().formatted(line.getParameters()));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @BeforeEach
  void capture() {
    log.addHandler(capture);
    faults.grpcListens(9000);
  }

  @AfterEach
  void stop() {
    log.removeHandler(capture);
    var _ = loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
  }

  @ParameterizedTest
  @EnumSource(Listener.class)
  void ends_a_connection_without_the_tls_that_the_port_demands(Listener port) {
    URI tls = listen(port, authority.server("localhost"), false);

    assertThat(rest(tls, HTTP_1)).isEqualTo(port == Listener.GRPC ? HTTP_AT : "\n");
    assertThat(rest(tls, HTTP_2)).isEqualTo(port == Listener.HTTP ? GRPC_AT : "\n");
    assertThat(rest(tls, "*1\r\n$4\r\nPING\r\n")).isBlank();
    assertThat(rest(tls, "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n")).isBlank();
    assertThat(faults.count(port, ListenerFault.PLAIN)).isEqualTo(3);
    assertThat(faults.count(port, ListenerFault.PROXY_PROTOCOL)).isEqualTo(1);
    assertThat(lines).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource({"HTTP, TLSv1.2", "HTTP, TLSv1.3", "GRPC, TLSv1.2", "GRPC, TLSv1.3"})
  void serves_a_caller_with_tls(Listener port, String protocol) throws Exception {
    URI tls = listen(port, authority.server("localhost"), false);
    SSLContext client = TestTls.client(authority.rootPem(), protocol);

    try (Socket socket = client.getSocketFactory().createSocket("localhost", tls.getPort())) {
      assertEchoes(socket, HTTP_2);
    }
    for (ListenerFault fault : ListenerFault.values()) {
      assertThat(faults.count(port, fault)).isZero();
    }
    assertThat(lines).isEmpty();
  }

  @Test
  void serves_grpc_without_tls_however_its_first_bytes_are_split() throws Exception {
    URI plain = listen(Listener.GRPC, null, false);

    try (Socket socket = new Socket("localhost", plain.getPort())) {
      socket.setTcpNoDelay(true);
      for (int at = 0; at < 5; at++) {
        socket.getOutputStream().write(HTTP_2.charAt(at));
        socket.getOutputStream().flush();
        Thread.onSpinWait();
      }
      socket.getOutputStream().write(HTTP_2.substring(5).getBytes(ISO_8859_1));
      assertThat(new String(socket.getInputStream().readNBytes(5 + 24), ISO_8859_1))
          .isEqualTo("hello" + HTTP_2);
    }
    assertThat(lines).isEmpty();
  }

  @Test
  void counts_nothing_if_a_caller_leaves_before_its_request() throws Exception {
    URI plain = listen(Listener.GRPC, null, false);

    try (RawConnection brief = new RawConnection(plain)) {
      brief.send("GET ");
    }
    try (Socket socket = new Socket("localhost", plain.getPort())) {
      assertEchoes(socket, HTTP_2);
    }
    assertThat(lines).isEmpty();
  }

  @Test
  void names_a_client_certificate_that_has_expired_and_escapes_it() throws Exception {
    URI tls = listen(Listener.HTTP, authority.server("localhost"), true);
    Instant end = Instant.now().minus(Duration.ofHours(1));
    SSLContext late = authority.server(end.minus(Duration.ofHours(1)), end, "late\\, caller");

    try (SSLSocket socket =
        (SSLSocket) late.getSocketFactory().createSocket("localhost", tls.getPort())) {
      assertThatThrownBy(
              () -> {
                socket.startHandshake();
                socket.getInputStream().readNBytes(5);
              })
          .isInstanceOf(IOException.class);
    }
    Eventually.until(
        () -> faults.count(Listener.HTTP, ListenerFault.CLIENT_CERTIFICATE), seen -> seen == 1);
    assertThat(lines)
        .singleElement()
        .asString()
        .contains("a client certificate was refused", "late", "issuer CN=Token Broker Test Root")
        .contains("valid from ", "validity check failed")
        .doesNotContain("\n");
  }

  @Test
  void notes_a_missing_client_certificate_and_an_unknown_authority() throws Exception {
    URI tls = listen(Listener.GRPC, authority.server("localhost"), true);
    for (SSLContext client :
        List.of(
            TestTls.client(authority.rootPem(), "TLS", TestTls.generate().insistent("stranger")),
            TestTls.client(authority.rootPem(), "TLS"))) {
      try (Socket socket = client.getSocketFactory().createSocket("localhost", tls.getPort())) {
        assertThatThrownBy(() -> assertEchoes(socket, HTTP_2)).isInstanceOf(IOException.class);
      }
    }
    Eventually.until(
        () -> faults.count(Listener.GRPC, ListenerFault.CLIENT_CERTIFICATE), seen -> seen == 1);
    Eventually.until(() -> faults.count(Listener.GRPC, ListenerFault.HANDSHAKE), seen -> seen == 1);
    assertThat(lines).anySatisfy(line -> assertThat(line).contains("subject CN=stranger"));
  }

  private static String rest(URI port, String sent) {
    try (RawConnection connection = new RawConnection(port)) {
      return connection.send(sent).rest();
    }
  }

  /** As its lines are read. */
  private static String answer(String told) {
    return """
        HTTP/1.1 400 Bad Request
        Content-Type: text/plain
        Connection: close
        Content-Length: %d

        %s
        """
        .formatted(told.length(), told);
  }

  private static void assertEchoes(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(ISO_8859_1));
    byte[] came = socket.getInputStream().readNBytes(5 + text.length());
    if (came.length == 0) {
      throw new IOException("closed");
    }
    assertThat(new String(came, ISO_8859_1)).isEqualTo("hello" + text);
  }

  private URI listen(Listener port, @Nullable SSLContext tls, boolean asks) {
    Channel channel =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel connection) {
                    connection.pipeline().addLast(new FirstBytes(port, faults));
                    if (tls != null) {
                      SSLEngine engine = tls.createSSLEngine();
                      engine.setUseClientMode(false);
                      engine.setNeedClientAuth(asks);
                      connection.pipeline().addLast(new SslHandler(engine));
                    }
                    connection.pipeline().addLast(new Echo());
                  }
                })
            .bind("localhost", 0)
            .syncUninterruptibly()
            .channel();
    return URI.create("http://localhost:" + ((InetSocketAddress) channel.localAddress()).getPort());
  }

  private static final class Echo extends ChannelInboundHandlerAdapter {

    @Override
    public void channelActive(ChannelHandlerContext context) {
      var _ = context.writeAndFlush(Unpooled.copiedBuffer("hello", ISO_8859_1));
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      var _ = context.writeAndFlush(message);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      var _ = context.close();
    }
  }

  private static final class Ports implements HttpServer {

    @Override
    public int getPort() {
      return 8080;
    }

    @Override
    public int getSecurePort() {
      return 0;
    }

    @Override
    public int getManagementPort() {
      return 9001;
    }

    @Override
    public URI getLocalBaseUri() {
      return URI.create("http://localhost:8080");
    }
  }
}
