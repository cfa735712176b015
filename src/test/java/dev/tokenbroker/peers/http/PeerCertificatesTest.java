package dev.tokenbroker.peers.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.change.Change.SubjectKind;
import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.peers.http.CallFailed.FetchFailure;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import dev.tokenbroker.peers.trust.PresentedCertificate;
import dev.tokenbroker.peers.trust.TestTls;
import dev.tokenbroker.process.runtime.TestClock;
import io.vertx.core.Vertx;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Certificates of real TLS servers on loopback. */
class PeerCertificatesTest {

  private static final Deadline FAR = Deadline.after(Duration.ofHours(1));
  private static final String ISSUER = "https://issuer.example";
  private static final Peer PEER = Peer.issuer(ISSUER, "");

  @TempDir private Path directory;

  @AutoClose private final Vertx vertx = Vertx.vertx();
  private final TestClock clock = new TestClock(Instant.now());
  private final List<Change> changes = new CopyOnWriteArrayList<>();
  private final TestTls authority = TestTls.generate(Duration.ofDays(400));
  @AutoClose private PeerClient client;
  private volatile SSLContext presented = leaf(Duration.ofDays(200));

  @AutoClose
  private final FakeServer server = FakeServer.startTls(() -> presented, asked -> Reply.ok());

  private final int port = server.port();

  @BeforeEach
  void trustTheAuthority() {
    client =
        PeerClients.reporting(
            vertx, Map.of("corp", authority.writeRoot(directory)), changes::add, clock);
  }

  @Test
  void the_same_certificate_in_many_handshakes_is_no_change() {
    serve(leaf(Duration.ofDays(200)));
    for (int call = 0; call < 50; call++) {
      assertThat(fetch()).isInstanceOf(CallEnd.Response.class);
    }
    assertThat(server.requests()).hasSize(50);
    assertThat(changes).isEmpty();
  }

  @Test
  void a_renewed_certificate_below_the_same_root_is_a_change() {
    fetchFrom(leaf(Duration.ofDays(200)));
    fetchFrom(leaf(Duration.ofDays(300)));

    Change change = only();
    assertThat(change.kind()).isEqualTo(ChangeKind.CERTIFICATE_CHANGED);
    assertThat(change.subjectKind()).isEqualTo(SubjectKind.ISSUER);
    assertThat(change.subject()).isEqualTo(ISSUER);
    assertThat(change.was())
        .startsWith("CN=localhost issued by CN=Token Broker Lasting Root, until ")
        .contains(", root CN=Token Broker Lasting Root, SHA-256 ");
    assertThat(change.is()).isNotEqualTo(change.was());
  }

  @Test
  void a_certificate_that_is_refused_for_its_root_is_a_change() {
    fetchFrom(leaf(Duration.ofDays(200)));
    CallEnd refused = fetchFrom(TestTls.generate().server("localhost"));

    assertThat(refused)
        .isInstanceOfSatisfying(
            CallFailed.class,
            failed -> assertThat(failed.kind()).isEqualTo(FetchFailure.TLS_UNTRUSTED));
    assertThat(changes.getFirst().kind()).isEqualTo(ChangeKind.CERTIFICATE_CHANGED);
    assertThat(changes.getFirst().was()).contains("root CN=Token Broker Lasting Root");
    assertThat(changes.getFirst().is()).contains("root CN=Token Broker Test Root");
  }

  @Test
  void reports_a_certificate_refused_for_expiry_as_expired_change() {
    fetchFrom(leaf(Duration.ofDays(200)));
    CallEnd refused = fetchFrom(leaf(Duration.ofHours(-1)));

    assertThat(refused)
        .isInstanceOfSatisfying(
            CallFailed.class,
            failed -> assertThat(failed.kind()).isEqualTo(FetchFailure.TLS_CERTIFICATE_INVALID));
    assertThat(changes)
        .extracting(Change::kind)
        .containsExactly(ChangeKind.CERTIFICATE_CHANGED, ChangeKind.CERTIFICATE_EXPIRING);
    assertThat(changes.getLast().is()).startsWith("expired: CN=localhost");
  }

  @Test
  void a_certificate_is_told_as_expiring_at_30_7_and_1_days() {
    // The clock of the test began a moment before the certificate.
    serve(leaf(Duration.ofDays(40).minusMinutes(1)));
    for (int day = 0; day < 40; day++) {
      assertThat(fetch()).isInstanceOf(CallEnd.Response.class);
      clock.advance(Duration.ofDays(1));
    }
    assertThat(server.requests()).hasSize(40);

    assertThat(changes)
        .extracting(Change::kind)
        .containsExactly(
            ChangeKind.CERTIFICATE_EXPIRING,
            ChangeKind.CERTIFICATE_EXPIRING,
            ChangeKind.CERTIFICATE_EXPIRING);
    assertThat(changes.getFirst().was()).isEmpty();
    assertThat(changes.getFirst().is()).matches("expires in (29|30) days: CN=localhost .*");
    assertThat(changes.get(1).is()).matches("expires in [67] days: CN=localhost .*");
    assertThat(changes.get(2).is()).matches("expires in 2[34] hours: CN=localhost .*");
  }

  @Test
  void a_handshake_without_a_request_compares_the_certificate_too() {
    serve(leaf(Duration.ofDays(200)));
    assertThat(connect()).isEmpty();
    assertThat(server.requests()).isEmpty();
    serve(TestTls.generate().server("localhost"));
    assertThat(connect())
        .hasValueSatisfying(
            failed -> assertThat(failed.kind()).isEqualTo(FetchFailure.TLS_UNTRUSTED));
    assertThat(server.requests()).isEmpty();

    assertThat(changes.getFirst().kind()).isEqualTo(ChangeKind.CERTIFICATE_CHANGED);
    assertThat(changes.getFirst().subjectKind()).isEqualTo(SubjectKind.UPSTREAM);
    assertThat(changes.getFirst().subject()).isEqualTo("sso");
  }

  @Test
  void each_peer_of_a_server_has_its_own_change() {
    Peer other = Peer.issuer("https://other.example", "");
    serve(leaf(Duration.ofDays(200)));
    fetch();
    client.get(request().withPeer(other), FAR);
    serve(leaf(Duration.ofDays(300)));
    fetch();
    client.get(request().withPeer(other), FAR);
    assertThat(changes)
        .extracting(Change::subject)
        .containsExactly(ISSUER, "https://other.example");
  }

  @Test
  void knows_when_the_last_certificate_of_each_peer_expires() {
    PeerCertificates certificates = new PeerCertificates(changes::add, clock);
    Instant soon = clock.instant().plus(Duration.ofDays(3));
    Instant late = clock.instant().plus(Duration.ofDays(90));
    certificates.compare(PEER, URI.create("https://a.example/"), until(late));
    certificates.compare(PEER, URI.create("https://b.example/"), until(late));
    certificates.compare(PEER, URI.create("https://a.example/"), until(soon));
    certificates.compare(Peer.upstream("sso"), URI.create("https://a.example/"), until(late));

    assertThat(certificates.expiries(SubjectKind.ISSUER)).containsExactly(Map.entry(PEER, soon));
    assertThat(certificates.expiries(SubjectKind.UPSTREAM))
        .containsExactly(Map.entry(Peer.upstream("sso"), late));
  }

  private PresentedCertificate until(Instant end) {
    return new PresentedCertificate(
        end.toString(), "CN=a", "CN=root", clock.instant(), end, "CN=root");
  }

  private Optional<CallFailed> connect() {
    return client.connect(
        URI.create("https://localhost:" + port + "/token"), "corp", Peer.upstream("sso"), FAR);
  }

  private CallEnd fetchFrom(SSLContext certificate) {
    serve(certificate);
    return fetch();
  }

  private CallEnd fetch() {
    return client.get(request().withPeer(PEER), FAR);
  }

  private PeerRequest request() {
    return PeerRequest.document(URI.create("https://localhost:" + port + "/"), "corp");
  }

  /** The server presents this certificate from now on. */
  private void serve(SSLContext certificate) {
    presented = certificate;
  }

  private SSLContext leaf(Duration left) {
    Instant now = Instant.now();
    return authority.server(
        now.minus(Duration.ofHours(12)), now.plus(left), "localhost", "127.0.0.1");
  }

  private Change only() {
    assertThat(changes).hasSize(1);
    return changes.getFirst();
  }
}
