package dev.tokenbroker.edges.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.peers.trust.TestTls;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who calls over HTTP, as the handshake of the connection has proved; over real sockets. */
class ClientCertificateTest {

  /** RFC 8705 appendix A, and the thumbprint that it gives. */
  private static final String RFC_8705_CERTIFICATE =
      """
      -----BEGIN CERTIFICATE-----
      MIIBBjCBrAIBAjAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARtdGxzMB4XDTE4MTAx
      ODEyMzcwOVoXDTIyMDUwMjEyMzcwOVowDzENMAsGA1UEAwwEbXRsczBZMBMGByqG
      SM49AgEGCCqGSM49AwEHA0IABNcnyxwqV6hY8QnhxxzFQ03C7HKW9OylMbnQZjjJ
      /Au08/coZwxS7LfA4vOLS9WuneIXhbGGWvsDSb0tH6IxLm8wCgYIKoZIzj0EAwID
      SQAwRgIhAP0RC1E+vwJD/D1AGHGzuri+hlV/PpQEKTWUVeORWz83AiEA5x2eXZOV
      bUlJSGQgjwD5vaUaKlLR50Q2DmFfQj1L+SY=
      -----END CERTIFICATE-----
      """;

  private static final String RFC_8705_THUMBPRINT = "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0";

  private final TestTls authority = TestTls.generate();
  @AutoClose private final Vertx vertx = Vertx.vertx();
  private final Queue<String> seen = new ConcurrentLinkedQueue<>();

  private volatile Instant now = Instant.now();

  @TempDir Path directory;

  @BeforeEach
  void certify() {
    authority.writePair(directory, "server", "localhost");
    authority.writePair(directory, "caller", "caller.example");
    authority.writeRoot(directory);
  }

  @Test
  void has_the_thumbprint_of_the_example_of_rfc_8705() throws Exception {
    assertThat(ClientCertificate.thumbprint(TestTls.certificate(RFC_8705_CERTIFICATE)))
        .isEqualTo(RFC_8705_THUMBPRINT);
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void knows_the_certificate_of_the_connection(HttpVersion version) throws Exception {
    int port = listen(tls().setClientAuth(ClientAuth.REQUIRED));

    assertThat(ask(port, client(version).setKeyCertOptions(pair("caller"))))
        .isEqualTo(TestTls.thumbprint(Files.readString(directory.resolve("caller.crt"))));
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void knows_none_of_a_caller_who_may_and_does_not_send_one(HttpVersion version) throws Exception {
    int port = listen(tls().setClientAuth(ClientAuth.REQUEST));

    assertThat(ask(port, client(version))).isEqualTo("none");
  }

  @Test
  void knows_none_where_nobody_is_asked() throws Exception {
    int port = listen(tls().setClientAuth(ClientAuth.NONE));

    assertThat(ask(port, client(HttpVersion.HTTP_2).setKeyCertOptions(pair("caller"))))
        .isEqualTo("none");
  }

  @Test
  void knows_none_of_a_plain_connection() throws Exception {
    int port = listen(new HttpServerOptions());

    assertThat(ask(port, new HttpClientOptions())).isEqualTo("none");
  }

  @Test
  void is_worked_out_once_for_a_connection() throws Exception {
    int port = listen(tls().setClientAuth(ClientAuth.REQUIRED));
    HttpClient client =
        vertx.createHttpClient(client(HttpVersion.HTTP_2).setKeyCertOptions(pair("caller")));

    ask(port, client);
    ask(port, client);

    assertThat(seen).hasSize(2);
    assertThat(seen.remove()).isSameAs(seen.remove());
  }

  @Test
  void expires_within_a_connection() throws Exception {
    int port = listen(tls().setClientAuth(ClientAuth.REQUIRED));
    HttpClient client =
        vertx.createHttpClient(client(HttpVersion.HTTP_1_1).setKeyCertOptions(pair("caller")));
    now =
        TestTls.certificate(Files.readString(directory.resolve("caller.crt")))
            .getNotAfter()
            .toInstant();
    assertThat(ask(port, client)).isNotEqualTo("expired");

    now = now.plusSeconds(1);

    assertThat(ask(port, client)).isEqualTo("expired");
    assertThat(ClientCertificate.hasExpired(null, now)).isFalse();
  }

  private int listen(HttpServerOptions options) throws Exception {
    HttpServer server = vertx.createHttpServer(options.setPort(0)).requestHandler(this::answer);
    return await(server.listen()).actualPort();
  }

  private void answer(HttpServerRequest request) {
    if (ClientCertificate.hasExpired(request.sslSession(), now)) {
      request.response().end("expired");
      return;
    }
    String certificate = ClientCertificate.thumbprint(request.sslSession()).orElse(null);
    if (certificate != null) {
      seen.add(certificate);
    }
    request.response().end(certificate == null ? "none" : certificate);
  }

  private String ask(int port, HttpClientOptions options) throws Exception {
    return ask(port, vertx.createHttpClient(options));
  }

  private String ask(int port, HttpClient client) throws Exception {
    Promise<Buffer> body = Promise.promise();
    // Another thread could ask for the body after it has come.
    vertx.runOnContext(
        _ ->
            client
                .request(HttpMethod.GET, port, "localhost", "/")
                .compose(HttpClientRequest::send)
                .compose(HttpClientResponse::body)
                .onComplete(body));
    return await(body.future()).toString();
  }

  private HttpServerOptions tls() {
    return new HttpServerOptions()
        .setSsl(true)
        .setUseAlpn(true)
        .setKeyCertOptions(pair("server"))
        .setTrustOptions(root());
  }

  private HttpClientOptions client(HttpVersion version) {
    return new HttpClientOptions()
        .setSsl(true)
        .setUseAlpn(true)
        .setProtocolVersion(version)
        .setTrustOptions(root());
  }

  private PemKeyCertOptions pair(String name) {
    return new PemKeyCertOptions()
        .setCertPath(directory.resolve(name + ".crt").toString())
        .setKeyPath(directory.resolve(name + ".key").toString());
  }

  private PemTrustOptions root() {
    return new PemTrustOptions().addCertPath(directory.resolve("test-root.pem").toString());
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }
}
