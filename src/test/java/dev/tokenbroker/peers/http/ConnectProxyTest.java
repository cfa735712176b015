package dev.tokenbroker.peers.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.text.SettingLimits.UnfitSetting;
import dev.tokenbroker.peers.http.CallFailed.FetchFailure;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import dev.tokenbroker.peers.trust.TestTls;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectProxyTest {

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String NAME = "issuer.example";

  @TempDir Path directory;

  @AutoClose private final Vertx vertx = Vertx.vertx();
  private final TestTls authority = TestTls.generate();
  @AutoClose private FakeServer issuer;
  @AutoClose private ProxyTunnel tunnel;

  @BeforeEach
  void start() throws IOException {
    issuer = FakeServer.startTls(authority.server(NAME), _ -> Reply.ok());
    tunnel = new ProxyTunnel(issuer.port(), "200 OK");
  }

  @Test
  void connects_to_a_proxy_resolved_name_and_checks_its_certificate() {
    CallEnd fetched = get(client(tunnel.address()), "https://" + NAME + "/jwks");

    assertThat(fetched).isInstanceOf(CallEnd.Response.class);
    assertThat(((CallEnd.Response) fetched).body()).asString(UTF_8).isEqualTo("{}");
    assertThat(tunnel.asked()).containsExactly("CONNECT " + NAME + ":443 HTTP/1.1");
    assertThat(issuer.requests()).singleElement().returns("/jwks", FakeServer.Request::target);
  }

  @Test
  void refuses_a_certificate_of_another_name_behind_the_proxy_too() {
    CallEnd fetched = get(client(tunnel.address()), "https://other.example/jwks");

    assertThat(((CallFailed) fetched).kind()).isEqualTo(FetchFailure.TLS_CERTIFICATE_INVALID);
  }

  @ParameterizedTest
  @CsvSource({
    "403 Forbidden, PROXY_FAILED, status: 403",
    "407 Proxy Authentication Required, PROXY_FAILED, status: 407",
    "405 Method Not Allowed, PROXY_FAILED, status: 405",
    "no HTTP, PROXY_FAILED, the proxy makes no connection",
    "502 Bad Gateway, UNREACHABLE, status: 502",
    "503 Service Unavailable, UNREACHABLE, status: 503",
    "504 Gateway Timeout, UNREACHABLE, status: 504"
  })
  void a_proxy_that_refuses_is_named(String answer, FetchFailure kind, String told)
      throws IOException {
    try (ProxyTunnel refusing = new ProxyTunnel(issuer.port(), answer)) {
      CallEnd fetched = get(client(refusing.address()), "https://" + NAME + "/jwks");

      CallFailed failed = (CallFailed) fetched;
      assertThat(failed.kind()).as(failed.detail()).isEqualTo(kind);
      assertThat(failed.detail())
          .contains(told)
          .endsWith(", through the proxy " + refusing.address());
    }
  }

  @Test
  void a_proxy_that_does_not_listen_is_at_fault_itself() throws IOException {
    String address = tunnel.address();
    tunnel.close();

    CallFailed failed = (CallFailed) get(client(address), "https://" + NAME + "/jwks");
    assertThat(failed.kind()).as(failed.detail()).isEqualTo(FetchFailure.PROXY_FAILED);
    assertThat(failed.detail()).endsWith(", through the proxy " + address);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://169.254.169.254/latest/meta-data",
        "https://[fd00:ec2::254]/latest",
        "https://0.0.0.0/"
      })
  void a_metadata_service_is_not_called_through_the_proxy_either(String url) {
    CallEnd fetched = get(client(tunnel.address()), url);

    assertThat(((CallFailed) fetched).kind()).isEqualTo(FetchFailure.ADDRESS_REFUSED);
    assertThat(tunnel.asked()).isEmpty();
  }

  @Test
  void a_service_on_this_machine_is_called_directly() {
    FakeServer local = FakeServer.start(_ -> Reply.ok());
    try (local) {
      assertThat(get(client(tunnel.address()), local.origin() + "/jwks"))
          .isInstanceOf(CallEnd.Response.class);
    }
    assertThat(tunnel.asked()).isEmpty();
  }

  @Test
  void without_a_proxy_the_broker_resolves_names_by_itself() {
    CallEnd fetched =
        get(client(new PeerClients.Settings(PATIENCE, true)), "https://" + NAME + "/jwks");

    assertThat(((CallFailed) fetched).kind()).isEqualTo(FetchFailure.UNREACHABLE);
    assertThat(tunnel.asked()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"http://proxy:3128", "proxy", "proxy:0", "proxy:65536", "user@proxy:3128", ":1"})
  void is_host_and_port_and_nothing_else(String proxy) {
    PeerClients.Settings settings = new PeerClients.Settings(PATIENCE, false, Optional.of(proxy));

    assertThat(PeerClient.unfit(settings))
        .singleElement()
        .returns("token-broker.upstream.proxy", UnfitSetting::setting);
    assertThatThrownBy(() -> client(settings)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"proxy.acme.example:3128", "10.0.0.1:8080", "[fd00::1]:8080"})
  void may_be_a_name_or_an_address(String proxy) {
    assertThat(PeerClient.unfit(new PeerClients.Settings(PATIENCE, false, Optional.of(proxy))))
        .isEmpty();
  }

  private PeerClient client(String proxy) {
    return client(new PeerClients.Settings(PATIENCE, true, Optional.of(proxy)));
  }

  private PeerClient client(PeerClients.Settings settings) {
    return PeerClients.client(
        vertx,
        settings,
        Map.of("corp", authority.writeRoot(directory)),
        host -> {
          if (host.equals("127.0.0.1") || host.startsWith("169") || host.contains(":")) {
            return new InetAddress[] {InetAddress.ofLiteral(host)};
          }
          if (host.equals("0.0.0.0")) {
            return new InetAddress[] {InetAddress.ofLiteral(host)};
          }
          throw new UnknownHostException(host);
        });
  }

  private static CallEnd get(PeerClient client, String url) {
    return client.get(PeerRequest.document(URI.create(url), "corp"), Deadline.after(PATIENCE));
  }
}
