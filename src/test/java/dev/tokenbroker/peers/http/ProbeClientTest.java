package dev.tokenbroker.peers.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import dev.tokenbroker.peers.trust.RefusedCertificate.TrustFlaw;
import dev.tokenbroker.peers.trust.TestTls;
import io.vertx.core.Vertx;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Handshakes with real TLS servers that request a client certificate. */
class ProbeClientTest {

  private static final Deadline FAR = Deadline.after(Duration.ofHours(1));

  @TempDir private Path directory;
  @AutoClose private final Vertx vertx = Vertx.vertx();
  private final TestTls authority = TestTls.generate();
  private final Deque<PeerClient> clients = new ArrayDeque<>();
  private final Deque<FakeServer> servers = new ArrayDeque<>();

  @AfterEach
  void stop() {
    clients.forEach(PeerClient::close);
    servers.forEach(FakeServer::close);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void shows_its_certificate_to_a_server_that_trusts_it(String protocol) throws Exception {
    start(protocol, authority);

    assertThat(handshake())
        .isInstanceOfSatisfying(
            ProbeClient.Handshake.Trusted.class,
            trusted -> {
              assertThat(trusted.protocol()).isEqualTo(protocol);
              assertThat(trusted.chain()).isNotEmpty();
              assertThat(trusted.authorities()).hasSize(1);
            });
    assertThat(clients.element().get(PeerRequest.document(uri(), "corp"), FAR))
        .isInstanceOf(CallEnd.Response.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void tells_that_the_server_refuses_the_certificate_that_was_shown(String protocol)
      throws Exception {
    // Another authority of the same name, so that the certificate is shown.
    start(protocol, TestTls.generate());

    assertThat(handshake()).isEqualTo(new ProbeClient.Handshake.CertificateDemanded(true));
  }

  @Test
  void tells_why_a_certificate_is_refused_and_which_chain_it_was() throws Exception {
    start("TLSv1.3", authority);
    clients.push(client("TLSv1.3", TestTls.generate()));

    assertThat(handshake())
        .isInstanceOfSatisfying(
            ProbeClient.Handshake.Distrusted.class,
            distrusted -> {
              assertThat(distrusted.why().flaw()).isEqualTo(TrustFlaw.UNTRUSTED);
              assertThat(distrusted.why().chain()).isNotEmpty();
            });
  }

  private ProbeClient.Handshake handshake() {
    return new ProbeClient(clients.element())
        .handshake(uri(), "corp", InetAddress.ofLiteral("127.0.0.1"), FAR);
  }

  private URI uri() {
    return URI.create("https://localhost:" + servers.element().port() + "/");
  }

  private void start(String protocol, TestTls ofClients) throws Exception {
    authority.writePair(directory, "server", "localhost");
    authority.writePair(directory, "client", "client.example");
    servers.push(
        FakeServer.startMutualTls(
            TestTls.client(
                ofClients.rootPem(),
                "TLS",
                pair("server").getKeyManagerFactory(vertx).getKeyManagers()),
            _ -> Reply.ok()));
    clients.push(client(protocol, authority));
  }

  private PeerClient client(String protocol, TestTls trusted) {
    HttpClients clients =
        new HttpClients(
            vertx,
            Duration.ofSeconds(20),
            (name, options) -> {
              options.setTrustOptions(
                  new PemTrustOptions().addCertPath(trusted.writeRoot(directory).toString()));
              options.setKeyCertOptions(pair("client"));
              options.setEnabledSecureTransportProtocols(Set.of(protocol));
              return true;
            });
    return new PeerClient(
        new PeerClients.Settings(Duration.ofSeconds(20), true),
        clients,
        PeerClients.noCertificates(),
        new HostResolver(InetAddress::getAllByName));
  }

  private PemKeyCertOptions pair(String name) {
    return new PemKeyCertOptions()
        .addCertPath(directory.resolve(name + ".crt").toString())
        .addKeyPath(directory.resolve(name + ".key").toString());
  }
}
