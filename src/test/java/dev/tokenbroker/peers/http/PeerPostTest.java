package dev.tokenbroker.peers.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.peers.http.CallFailed.FetchFailure;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import dev.tokenbroker.peers.http.PeerClients.Settings;
import dev.tokenbroker.peers.trust.TestTls;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class PeerPostTest {

  private static final Settings LOOPBACK = new Settings(Duration.ofSeconds(20), true);
  private static final Settings IMPATIENT = new Settings(Duration.ofMillis(400), true);
  private static final Deadline FAR = Deadline.after(Duration.ofHours(1));
  private static final String FORM = "grant_type=client_credentials&client_secret=s3cr3t";

  @AutoClose private static final Vertx VERTX = Vertx.vertx();

  @TempDir Path directory;

  private @Nullable FakeServer server;

  @AfterEach
  void stopServer() throws InterruptedException {
    if (server != null) {
      assertThat(server.awaitNoConnection(Duration.ofSeconds(30))).isTrue();
      server.close();
    }
  }

  @Test
  void posts_a_form_and_reads_the_answer() {
    String origin = serve(Reply.of(200, Map.of("Content-Type", "application/json"), "{\"a\":1}"));
    URI uri = URI.create(origin + "/token?tenant=a%2Fb");
    Map<String, String> basic = Map.of("Authorization", "Basic c2VjcmV0");

    CallEnd.Response response = response(PeerRequest.form(uri, null, FORM.getBytes(UTF_8), basic));

    assertThat(response.status()).isEqualTo(200);
    assertThat(response.contentType()).isEqualTo("application/json");
    assertThat(response.body()).asString(UTF_8).isEqualTo("{\"a\":1}");
    assertThat(response.times().retryAfter()).isNull();
    FakeServer.Request request = server().requests().getFirst();
    assertThat(request.method()).isEqualTo("POST");
    assertThat(request.target()).isEqualTo("/token?tenant=a%2Fb");
    assertThat(request.body()).isEqualTo(FORM);
    assertThat(request.headers())
        .containsEntry("authorization", "Basic c2VjcmV0")
        .containsEntry("accept", "application/json")
        .containsEntry("content-type", "application/x-www-form-urlencoded")
        .containsEntry("content-length", "" + FORM.length())
        .containsEntry("user-agent", "token-broker")
        .containsEntry("accept-encoding", "identity");
  }

  @Test
  void posts_a_document_as_json() {
    URI uri = URI.create(serve(Reply.of(201, Map.of(), "{}")) + "/");
    byte[] document = "{\"a\":1}".getBytes(UTF_8);

    assertThat(response(PeerRequest.json(uri, null, document, Map.of())).status()).isEqualTo(201);

    FakeServer.Request request = server().requests().getFirst();
    assertThat(request.body()).isEqualTo("{\"a\":1}");
    assertThat(request.headers()).containsEntry("content-type", "application/json");
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 201, 204, 400, 401, 403, 404, 429, 500, 502, 503})
  void hands_on_an_answer_of_any_status(int status) {
    String body = status == 204 ? "" : "{\"error\":\"invalid_grant\"}";

    CallEnd.Response response =
        response(post(LOOPBACK, serve(Reply.of(status, Map.of(), body)) + "/"));

    assertThat(response.status()).isEqualTo(status);
    assertThat(response.contentType()).isEmpty();
    assertThat(response.body()).asString(UTF_8).isEqualTo(body);
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void follows_no_redirect_not_even_within_the_origin(int status) {
    String origin = serve(Reply.of(status, Map.of("Location", "/elsewhere"), ""));

    assertThat(response(post(LOOPBACK, origin + "/")).status()).isEqualTo(status);
    assertThat(server().requests()).hasSize(1);
  }

  @Test
  void reads_a_date_to_come_back_by_the_clock_of_the_peer() {
    Reply reply =
        Reply.of(
            429,
            Map.of(
                "Date", "Tue, 24 Nov 2026 12:00:00 GMT",
                "Retry-After", "Tue, 24 Nov 2026 12:00:30 GMT"),
            "");

    assertThat(response(post(LOOPBACK, serve(reply) + "/")).times().retryAfter())
        .isEqualTo(Duration.ofSeconds(30));
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://169.254.169.254/token", "https://user:secret@sso.example/"})
  void calls_no_address_that_is_not_a_plain_host(String uri) {
    assertThat(failure(post(LOOPBACK, uri))).isEqualTo(FetchFailure.ADDRESS_REFUSED);
  }

  @Test
  void speaks_no_http_unless_told_to() {
    String origin = serve(Reply.ok());

    assertThat(failure(post(new Settings(Duration.ofSeconds(20), false), origin + "/")))
        .isEqualTo(FetchFailure.ADDRESS_REFUSED);
    assertThat(server().requests()).isEmpty();
  }

  @Test
  void connects_to_the_checked_address_under_the_requested_name() {
    int port = URI.create(serve(Reply.ok())).getPort();
    // Nobody listens at the first: the form goes to the second, once.
    InetAddress[] addresses = {
      InetAddress.ofLiteral("127.0.0.2"), InetAddress.ofLiteral("127.0.0.1")
    };
    PeerClient client = PeerClients.client(VERTX, LOOPBACK, Map.of(), _ -> addresses);

    response(client.send(form("http://sso.invalid:" + port + "/"), FAR));

    assertThat(server().requests()).hasSize(1);
    assertThat(server().requests().getFirst().headers())
        .containsEntry("host", "sso.invalid:" + port);
  }

  @Test
  void trusts_no_root_that_it_was_not_given() {
    TestTls tls = TestTls.generate();
    server = FakeServer.startTls(tls.server("localhost"), _ -> Reply.ok());
    String uri = server.origin() + "/";
    PeerRequest corp = PeerRequest.form(URI.create(uri), "corp", new byte[0], Map.of());

    assertThat(failure(post(LOOPBACK, uri))).isEqualTo(FetchFailure.TLS_UNTRUSTED);
    assertThat(failure(client(LOOPBACK).send(corp, FAR)))
        .isEqualTo(FetchFailure.TLS_NOT_CONFIGURED);
    assertThat(server.requests()).isEmpty();
    response(trusting(tls).send(corp, FAR));
  }

  private PeerClient trusting(TestTls tls) {
    return PeerClients.trusting(
        VERTX, LOOPBACK.fetchTimeout(), Map.of("corp", tls.writeRoot(directory)));
  }

  @Test
  void sends_a_form_once_even_if_the_connection_is_lost() {
    assertThat(failure(post(LOOPBACK, serve(Reply.drop()) + "/")))
        .isEqualTo(FetchFailure.UNREACHABLE);
    assertThat(server().requests()).hasSize(1);
  }

  @Test
  void reads_a_body_up_to_the_limit_and_not_beyond() {
    byte[] body = new byte[PeerClient.MAX_BODY_BYTES];
    assertThat(response(post(LOOPBACK, serve(Reply.of(400, Map.of(), body)) + "/")).body())
        .hasSize(body.length);
    server().close();

    assertThat(failure(post(LOOPBACK, serve(Reply.chunked(50 * 1024 * 1024)) + "/")))
        .isEqualTo(FetchFailure.TOO_LARGE);
  }

  @Test
  void waits_no_longer_than_allowed_for_an_answer_that_drips() {
    Reply drip =
        connection -> {
          Reply.raw("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n").write(connection);
          Drips.write(connection, 100_000);
        };

    assertThat(failure(post(IMPATIENT, serve(drip) + "/"))).isEqualTo(FetchFailure.TIMED_OUT);
  }

  @Test
  void closes_a_new_connection_if_nobody_waits_for_it() throws Exception {
    TestTls tls = TestTls.generate();
    CountDownLatch givenUp = new CountDownLatch(1);
    try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      FutureTask<Integer> read =
          new FutureTask<>(
              () -> {
                try (Socket accepted = listening.accept()) {
                  givenUp.await();
                  return tls(accepted, tls.server("localhost")).getInputStream().read();
                }
              });
      Thread.ofVirtual().start(read);
      URI uri = URI.create("https://localhost:" + listening.getLocalPort() + "/");
      PeerRequest late = PeerRequest.form(uri, "corp", new byte[0], Map.of());

      assertThat(failure(trusting(tls).send(late, Deadline.after(Duration.ofMillis(200)))))
          .isEqualTo(FetchFailure.TIMED_OUT);

      givenUp.countDown();
      assertThat(read.get(20, TimeUnit.SECONDS)).isEqualTo(-1);
    }
  }

  private static SSLSocket tls(Socket accepted, SSLContext context) throws IOException {
    SSLSocket socket =
        (SSLSocket)
            context.getSocketFactory().createSocket(accepted, null, accepted.getPort(), true);
    socket.setUseClientMode(false);
    return socket;
  }

  @Test
  void closes_the_connection_though_the_peer_keeps_it_open() {
    Reply kept =
        connection -> {
          Reply.raw("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").write(connection);
          // Ends when the other side closes, and what follows an answer is not read.
          Reply.hang().write(connection);
        };

    assertThat(response(post(LOOPBACK, serve(kept) + "/")).body()).asString(UTF_8).isEqualTo("{}");
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 400, 401})
  void reads_no_encoding_that_was_not_asked_for(int status) {
    Reply encoded = Reply.of(status, Map.of("Content-Encoding", "gzip"), "{}");

    assertThat(failure(post(LOOPBACK, serve(encoded) + "/"))).isEqualTo(FetchFailure.MALFORMED);
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 429, 500, 503})
  void reads_status_and_retry_time_even_if_the_body_is_unreadable(int status) {
    Map<String, String> gzip = Map.of("Content-Encoding", "gzip", "Retry-After", "7");
    Map<String, String> plain = Map.of("Retry-After", "7");
    for (Reply unreadable :
        List.of(
            Reply.of(status, gzip, new byte[100]),
            Reply.of(status, plain, new byte[PeerClient.MAX_BODY_BYTES + 1]))) {
      CallEnd.Response response = response(post(LOOPBACK, serve(unreadable) + "/"));

      assertThat(response.status()).isEqualTo(status);
      assertThat(response.times().retryAfter()).isEqualTo(Duration.ofSeconds(7));
      assertThat(response.body()).isEmpty();
      server().close();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"Host", "content-length", "Transfer-Encoding", "Content-Type", "a b", "x:y", ""})
  void sets_no_header_that_changes_how_a_form_is_framed(String name) {
    assertThatThrownBy(() -> withHeader(name, "value"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"s3cr3t\r\nX: y", "s3cr3t\n", "s3cr3t\u00e9", "s3cr3t\u0000"})
  void refuses_a_malformed_header_value_and_does_not_repeat_it(String value) {
    assertThatThrownBy(() -> withHeader("Authorization", value))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("s3cr3t");
  }

  @Test
  void shows_no_secret() {
    assertThat(withHeader("Authorization", "Basic s3cr3t").toString())
        .contains("sso.example")
        .doesNotContain("s3cr3t");
    assertThat(TestAnswers.posted(200, "", FORM).toString()).doesNotContain("s3cr3t");
  }

  private static PeerRequest withHeader(String name, String value) {
    return PeerRequest.form(
        URI.create("https://sso.example/token?s3cr3t"),
        null,
        FORM.getBytes(UTF_8),
        Map.of(name, value));
  }

  private String serve(Reply reply) {
    server = FakeServer.start(request -> reply);
    return server.origin();
  }

  private FakeServer server() {
    return Objects.requireNonNull(server, "not started");
  }

  private static PeerClient client(Settings settings) {
    return PeerClients.client(VERTX, settings, Map.of(), InetAddress::getAllByName);
  }

  private static CallEnd post(Settings settings, String uri) {
    return client(settings).send(form(uri), FAR);
  }

  private static PeerRequest form(String uri) {
    return PeerRequest.form(URI.create(uri), null, FORM.getBytes(UTF_8), Map.of());
  }

  private static CallEnd.Response response(PeerRequest request) {
    return response(client(LOOPBACK).send(request, FAR));
  }

  private static CallEnd.Response response(CallEnd posted) {
    assertThat(posted).isInstanceOf(CallEnd.Response.class);
    return (CallEnd.Response) posted;
  }

  private static FetchFailure failure(CallEnd posted) {
    assertThat(posted).isInstanceOf(CallFailed.class);
    return ((CallFailed) posted).kind();
  }
}
