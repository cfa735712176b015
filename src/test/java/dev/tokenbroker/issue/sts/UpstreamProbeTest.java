package dev.tokenbroker.issue.sts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.edges.edge.FreePort;
import dev.tokenbroker.peers.http.FakeServer;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import dev.tokenbroker.peers.http.PeerClient;
import dev.tokenbroker.peers.http.PeerClients;
import dev.tokenbroker.peers.trust.TestTls;
import dev.tokenbroker.process.runtime.Logged;
import dev.tokenbroker.process.runtime.TestClock;
import io.vertx.core.Vertx;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Probes of upstreams with TLS on loopback. */
class UpstreamProbeTest {

  private static final Duration EVERY = Duration.ofMinutes(5);

  /** Longer than any wait for a probe. */
  private static final Duration DUE = Duration.ofMinutes(7);

  @TempDir private Path directory;

  @AutoClose private final Logged logged = Logged.open(UpstreamProbe.class);

  @AutoClose private final Vertx vertx = Vertx.vertx();
  private final TestClock clock = new TestClock(Instant.now());
  private final List<Change> changes = new CopyOnWriteArrayList<>();
  private final TestTls authority = TestTls.generate();
  @AutoClose private PeerClient client;
  private final int port = FreePort.find();

  @BeforeEach
  void trustTheAuthority() {
    client =
        PeerClients.reporting(
            vertx, Map.of("corp", authority.writeRoot(directory)), changes::add, clock);
  }

  @Test
  void of_a_declared_endpoint_is_a_handshake_without_a_request() {
    try (FakeServer server = serve(authority)) {
      UpstreamProbe probe = probe(declared(server.origin() + "/token"));
      run(probe);
      run(probe);

      assertThat(probe.made()).isEqualTo(2);
      assertThat(probe.failed()).isZero();
      assertThat(server.requests()).isEmpty();
    }
    assertThat(changes).isEmpty();
  }

  @Test
  void sees_another_certificate_even_one_that_it_refuses() {
    UpstreamProbe probe;
    try (FakeServer server = serve(authority)) {
      probe = probe(declared(server.origin() + "/token"));
      run(probe);
    }
    try (FakeServer server = serve(TestTls.generate())) {
      run(probe);
      assertThat(server.requests()).isEmpty();
    }

    assertThat(probe.failed()).isEqualTo(1);
    assertThat(changes).extracting(Change::kind).containsExactly(ChangeKind.CERTIFICATE_CHANGED);
    assertThat(changes).extracting(Change::subject).containsExactly("corp-sso");
  }

  @Test
  void fetches_a_discovery_document_without_reaching_the_endpoint() {
    try (FakeServer server = serve(authority)) {
      UpstreamProbe probe = probe(definition(server.origin() + "/realm", null));
      run(probe);
      run(probe);

      assertThat(probe.failed()).isZero();
      assertThat(server.requests())
          .extracting(FakeServer.Request::target)
          .containsOnly("/realm/.well-known/openid-configuration")
          .hasSize(2);
    }
  }

  @Test
  void logs_one_line_when_probes_start_to_fail_and_one_at_the_end() {
    UpstreamProbe probe;
    try (FakeServer server = serve(authority)) {
      probe = probe(declared(server.origin() + "/token"));
      run(probe);
    }
    run(probe);
    run(probe);
    try (FakeServer _ = serve(authority)) {
      run(probe);
      run(probe);
    }
    assertThat(probe.failed()).isEqualTo(2);
    assertThat(logged.lines())
        .containsExactly(
            "WARNING Probes of upstream corp-sso fail: UPSTREAM_UNREACHABLE, the connection was"
                + " refused (at 127.0.0.1, one of 1 addresses)",
            "INFO Probes of upstream corp-sso work again");
  }

  @Test
  void is_not_due_while_callers_exchange() {
    UpstreamProbe probe = probe(declared("https://localhost:1/token"));
    for (int exchange = 0; exchange < 10; exchange++) {
      clock.advance(EVERY.minusSeconds(1));
      assertThat(probe.due(EVERY)).isEmpty();
      probe.attempted();
    }
  }

  private void run(UpstreamProbe probe) {
    clock.advance(DUE);
    probe.due(EVERY).orElseThrow().run();
  }

  private UpstreamProbe probe(UpstreamDefinition definition) {
    return new UpstreamProbe(
        definition, TokenEndpoint.of(definition, client, changes::add), client, clock::nanoTime);
  }

  private FakeServer serve(TestTls signer) {
    return FakeServer.startTlsAt(
        port,
        signer.server("localhost"),
        asked ->
            Reply.of(
                200,
                Map.of(),
                "{\"issuer\":\"https://localhost:%d/realm\",\"token_endpoint\":\"https://localhost:%d/token\"}"
                    .formatted(port, port)));
  }

  private static UpstreamDefinition declared(String uri) {
    return definition(null, URI.create(uri));
  }

  private static UpstreamDefinition definition(@Nullable String issuer, @Nullable URI endpoint) {
    return TestUpstreams.of(
        issuer,
        endpoint,
        UpstreamGrant.TOKEN_EXCHANGE,
        new ClientAuthentication.NoAuthentication("broker"),
        "corp");
  }
}
