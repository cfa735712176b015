package dev.tokenbroker.peers.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbroker.peers.http.CallFailed;
import dev.tokenbroker.peers.http.CallFailed.FetchFailure;
import dev.tokenbroker.peers.http.FailureKinds;
import dev.tokenbroker.peers.http.FakeServer;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.net.TrustOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A trust manager that knows no hosts, as that of Quarkus' TLS configurations. */
class ExplainedTrustTest {

  @TempDir private Path directory;

  private final TestTls authority = TestTls.generate();
  @AutoClose private final Vertx vertx = Vertx.vertx();

  @Test
  void passes_the_host_that_the_certificate_names() throws Exception {
    assertThat(status(authority, "localhost")).isEqualTo(200);
  }

  @Test
  void refuses_another_host_and_tells_the_names_of_the_certificate() {
    assertThatThrownBy(() -> status(authority, "sso.acme.example"))
        .hasRootCauseInstanceOf(CertificateException.class)
        .rootCause()
        .hasMessageStartingWith(
            "the certificate is not for localhost; its names are sso.acme.example; subject"
                + " CN=sso.acme.example");
  }

  @Test
  void takes_no_common_name_for_the_host() {
    assertThatThrownBy(() -> status(authority, "cn:localhost"))
        .rootCause()
        .hasMessageContaining(
            "is not for localhost; its names are none, and the common name does not count");
    assertThatThrownBy(() -> status(authority, "cn:localhost", "127.0.0.1"))
        .rootCause()
        .hasMessageContaining("is not for localhost; its names are 127.0.0.1;");
  }

  @Test
  void tells_the_nearest_names_and_how_many_there_are() {
    String[] names =
        Stream.concat(
                IntStream.range(0, 150).mapToObj(at -> "service-%d.acme.example".formatted(at)),
                Stream.of("locahost", "dns:127.0.0.1"))
            .toArray(String[]::new);

    assertThatThrownBy(() -> status(authority, names))
        .rootCause()
        .hasMessageContaining("its names are locahost, ")
        .hasMessageContaining(" and 148 more; ");
    assertThatThrownBy(() -> status(authority, "dns:127.0.0.1"))
        .rootCause()
        .hasMessageContaining("127.0.0.1 (an address in a DNS name, which counts for nothing");
  }

  @Test
  void tells_a_certificate_for_clients_from_an_unknown_authority() throws Exception {
    ExplainedTrust trust = explained(CurrentAnchors.of(List.of(root())));

    assertThatThrownBy(() -> status(trust, authority, "localhost", "use:clients"))
        .rootCause()
        .hasMessageContaining("not for servers: its extended key usage lacks serverAuth");
    assertThatThrownBy(() -> status(trust, authority, "cn:localhost"))
        .rootCause()
        .hasMessageContaining("is not for localhost");
    assertThat(status(trust, authority, "localhost")).isEqualTo(200);
  }

  @Test
  void refuses_what_the_trust_manager_refuses() {
    assertThatThrownBy(() -> status(TestTls.generate(), "localhost"))
        .hasStackTraceContaining("the certificate is not trusted");
  }

  @Test
  void refuses_everything_by_a_trust_manager_without_authorities() {
    for (String name : List.of("localhost", "cn:localhost")) {
      assertThatThrownBy(() -> status(explained(new HostlessTrust()), authority, name))
          .hasStackTraceContaining("trustAnchors");
    }
  }

  @Test
  void refuses_a_peer_that_a_revocation_list_names_and_tells_which() {
    assertThatThrownBy(() -> revoking(authority.writeRevocations(directory, true), "localhost"))
        .satisfies(
            why ->
                assertThat(FailureKinds.of(why))
                    .isEqualTo(
                        new CallFailed(
                            FetchFailure.TLS_CERTIFICATE_INVALID,
                            "a revocation list names the certificate of CN=localhost")));
  }

  @Test
  void accepts_an_unrevoked_peer_and_still_checks_its_host() throws Exception {
    Path none = authority.writeRevocations(directory, false);

    assertThat(revoking(none, "localhost")).isEqualTo(200);
    for (String name : List.of("sso.acme.example", "cn:localhost")) {
      assertThatThrownBy(() -> revoking(none, name))
          .satisfies(
              why ->
                  assertThat(FailureKinds.of(why))
                      .returns(FetchFailure.TLS_CERTIFICATE_INVALID, CallFailed::kind)
                      .extracting(CallFailed::detail)
                      .asString()
                      .contains("is not for localhost; its names are "));
    }
  }

  @Test
  void reports_a_missing_or_unreadable_revocation_list_as_our_fault() throws Exception {
    Path garbled = Files.writeString(directory.resolve("garbled.pem"), "-----BEGIN X509 CRL-----");
    Path empty = Files.writeString(directory.resolve("empty.pem"), "");
    Path other = Files.writeString(directory.resolve("other.pem"), authority.rootPem());
    for (Path list : List.of(directory.resolve("none.pem"), garbled, empty, other)) {
      assertThatThrownBy(() -> revoking(list, "localhost"))
          .satisfies(
              why ->
                  assertThat(FailureKinds.of(why))
                      .returns(FetchFailure.TLS_NOT_CONFIGURED, CallFailed::kind)
                      .extracting(CallFailed::detail)
                      .asString()
                      .startsWith("a file of the TLS configuration cannot be used: ")
                      .contains(list.getFileName().toString()));
    }
  }

  private int revoking(Path list, String name) throws Exception {
    HttpClientOptions options =
        new HttpClientOptions()
            .addCrlPath(list.toString())
            .setTrustOptions(TrustOptions.wrap(CurrentAnchors.of(List.of(root()))));
    return status(new ExplainedTrust(options, InstantSource.system()), authority, name);
  }

  private X509Certificate root() {
    return TestTls.certificate(authority.rootPem());
  }

  private static ExplainedTrust explained(X509TrustManager trust) {
    HttpClientOptions options = new HttpClientOptions().setTrustOptions(TrustOptions.wrap(trust));
    return new ExplainedTrust(options, InstantSource.system());
  }

  private int status(TestTls signer, String... names) throws Exception {
    return status(explained(new HostlessTrust(root())), signer, names);
  }

  private int status(ExplainedTrust trust, TestTls signer, String... names) throws Exception {
    HttpClientOptions options = new HttpClientOptions().setSsl(true).setTrustOptions(trust);
    try (FakeServer server =
        FakeServer.startTls(signer.server(names), _ -> Reply.of(200, Map.of(), ""))) {
      return vertx
          .createHttpClient(options)
          .request(HttpMethod.GET, server.port(), "localhost", "/")
          .compose(HttpClientRequest::send)
          .toCompletionStage()
          .toCompletableFuture()
          .get()
          .statusCode();
    }
  }

  /** Trusts what its authorities have signed, whatever the host. */
  private static final class HostlessTrust implements X509TrustManager {

    private final X509Certificate[] authorities;

    HostlessTrust(X509Certificate... authorities) {
      this.authorities = authorities;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      try {
        for (X509Certificate one : authorities) {
          chain[0].verify(one.getPublicKey());
        }
      } catch (java.security.GeneralSecurityException forged) {
        throw new CertificateException("forged", forged);
      }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return authorities.clone();
    }
  }
}
