package dev.tokenbroker.edges.http.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.edges.edge.ListenerFaults;
import dev.tokenbroker.edges.edge.ListenerFaults.Listener;
import dev.tokenbroker.edges.edge.ListenerFaults.ListenerFault;
import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.edges.telemetry.Settings;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.vertx.http.HttpServer;
import io.quarkus.vertx.http.runtime.VertxHttpConfig;
import io.quarkus.vertx.http.runtime.management.ManagementConfig;
import io.vertx.core.Vertx;
import io.vertx.core.impl.VertxInternal;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The bounds of connections, at servers of Vert.x on loopback. */
class HttpConnectionsTest {

  private static final int MOST = 8;
  private static final Integer OK = 200;
  private static final String HEAD = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
  private static final String HELD = HEAD.replace("/ ", "/held ");

  @AutoClose private final Vertx vertx = Vertx.vertx();
  private final LinkedBlockingQueue<RoutingContext> held = new LinkedBlockingQueue<>();
  private final ListenerFaults faults = new ListenerFaults(new Ports(), Clocks.system());
  private final HttpConnections connections =
      new HttpConnections(
          new Ports(),
          Settings.of(
              VertxHttpConfig.class,
              Map.of("quarkus.http.host", "localhost", "quarkus.http.idle-timeout", "300ms")),
          Settings.of(
              ManagementConfig.class,
              Map.of(
                  "quarkus.management.host",
                  "localhost",
                  "quarkus.management.limits.max-connections",
                  Integer.toString(MOST))),
          faults,
          Clocks.system());
  private URI management;
  private URI http;

  @BeforeEach
  void listen() throws Exception {
    Router router = Router.router(vertx);
    router.route().handler(connections::begun);
    router.route("/held").handler(held::add);
    router.route().handler(HttpConnectionsTest::answer);
    management = LocalHttp.serve(vertx, router);
    http = LocalHttp.serve(vertx, router);
    connections.look(vertx);
    // A connection that came before would not be bounded.
    ((VertxInternal) vertx).getAcceptorEventLoopGroup().submit(() -> {}).sync();
    connections.begin(new StartupEvent(), vertx);
  }

  @Test
  void closes_silent_ones_beyond_the_management_port_limit() {
    List<RawConnection> silent =
        Stream.generate(() -> new RawConnection(management)).limit(300).toList();

    silent.subList(MOST, 300).forEach(RawConnection::untilClosed);
    silent.subList(0, MOST).forEach(first -> assertThat(first.send(HEAD).status()).isEqualTo(OK));
    silent.getFirst().close();
    assertThat(Eventually.see(() -> new RawConnection(management).send(HEAD).status(), OK::equals))
        .isEqualTo(OK);
    silent.forEach(RawConnection::close);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void closes_one_whose_head_drips_in_however_often_a_byte_comes(boolean second) {
    try (RawConnection dripping = new RawConnection(http)) {
      if (second) {
        assertThat(dripping.send(HEAD).status()).isEqualTo(OK);
      }
      dripping.send("GET / HTTP/1.1\r\nX: ");
      vertx.setPeriodic(20, _ -> dripping.send("x"));

      dripping.untilClosed();
    }
  }

  @Test
  void leaves_one_open_while_a_request_is_under_way() throws Exception {
    try (RawConnection calling = new RawConnection(http).send(HELD)) {
      RoutingContext call = held.take();
      new RawConnection(http).untilClosed(); // came later, and waited for as long as it may

      answer(call);

      assertThat(calling.status()).isEqualTo(OK);
    }
  }

  private static void answer(RoutingContext call) {
    call.vertx().runOnContext(_ -> call.response().end());
  }

  @Test
  void ends_connections_of_another_protocol_and_tells_where_grpc_is() {
    faults.grpcListens(9000);
    try (RawConnection grpc = new RawConnection(http)) {
      assertThat(grpc.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").rest())
          .contains("This is the HTTP port; gRPC is at port 9000.");
    }
    try (RawConnection proxied = new RawConnection(http)) {
      assertThat(proxied.send("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n").rest()).isBlank();
    }
    try (RawConnection tls = new RawConnection(management)) {
      assertThat(tls.send("\26\3\1\2\0\1\0").rest()).isBlank();
    }
    assertThat(faults.count(Listener.HTTP, ListenerFault.HTTP2)).isEqualTo(1);
    assertThat(faults.count(Listener.MANAGEMENT, ListenerFault.TLS)).isEqualTo(1);
    assertThat(faults.count(Listener.HTTP, ListenerFault.PROXY_PROTOCOL)).isEqualTo(1);
  }

  /** All at once, since each connection stays open for a second after its answer. */
  @Test
  void answers_malformed_chunks_once_and_reads_nothing_after_them() {
    String head = "POST /held HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
    Map<String, RawConnection> first = new LinkedHashMap<>();
    Map<String, RawConnection> second = new LinkedHashMap<>();
    for (String chunks :
        List.of("zz\r\n", "-1\r\n", "2\r\nabcd\r\n", "\r\n\r\n", "fffffffff\r\n")) {
      first.put(chunks, new RawConnection(http).send(head + chunks + HEAD + HEAD));
      RawConnection later = new RawConnection(http).send(HEAD);
      assertThat(later.status()).isEqualTo(OK);
      second.put(chunks, later.send(head + "1\r\na\r\n" + chunks));
    }

    first.forEach(
        (chunks, calling) ->
            assertThat(calling.rest())
                .as(chunks)
                .startsWith("HTTP/1.1 400 ")
                .contains("The chunks of the body are malformed")
                .doesNotContain("200 OK"));
    second.forEach(
        (chunks, calling) -> assertThat(calling.rest()).as(chunks).contains("HTTP/1.1 400 "));
    first.values().forEach(RawConnection::close);
    second.values().forEach(RawConnection::close);
  }

  @Test
  void blames_no_request_for_the_chunks_of_a_later_one() throws Exception {
    String later = "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n";
    try (RawConnection calling = new RawConnection(http)) {
      calling.send(HELD + later);
      answer(held.take());

      assertThat(calling.status()).isEqualTo(OK);
    }
  }

  private final class Ports implements HttpServer {

    @Override
    public int getPort() {
      return http.getPort();
    }

    @Override
    public int getSecurePort() {
      return 0;
    }

    @Override
    public int getManagementPort() {
      return management.getPort();
    }

    @Override
    public URI getLocalBaseUri() {
      return http;
    }
  }
}
