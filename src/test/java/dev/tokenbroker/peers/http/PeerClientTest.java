package dev.tokenbroker.peers.http;

import static dev.tokenbroker.peers.http.CallFailed.FetchFailure.MALFORMED;
import static dev.tokenbroker.peers.http.CallFailed.FetchFailure.TIMED_OUT;
import static dev.tokenbroker.peers.http.CallFailed.FetchFailure.TOO_LARGE;
import static dev.tokenbroker.peers.http.CallFailed.FetchFailure.UNREACHABLE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.peers.http.CallFailed.FetchFailure;
import dev.tokenbroker.peers.http.FakeServer.Handler;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import dev.tokenbroker.peers.http.PeerClients.Settings;
import dev.tokenbroker.peers.trust.PeerTls;
import dev.tokenbroker.peers.trust.TestTls;
import dev.tokenbroker.process.runtime.Latch;
import io.vertx.core.Vertx;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class PeerClientTest {

  private static final Settings LOOPBACK = new Settings(Duration.ofSeconds(20), true);
  private static final Settings IMPATIENT = new Settings(Duration.ofMillis(200), true);
  private static final Settings PRODUCTION = new Settings(Duration.ofSeconds(20), false);
  private static final Deadline FAR = Deadline.after(Duration.ofHours(1));

  @AutoClose private static final Vertx VERTX = Vertx.vertx();

  @TempDir Path directory;

  private @Nullable FakeServer server;

  @AfterEach
  void stopServer() {
    if (server != null) {
      server.close();
    }
  }

  @Test
  void fetches_a_document_with_what_its_headers_say() {
    String origin =
        serve(
            Reply.of(
                200,
                Map.of(
                    "Cache-Control", "public, max-age=600",
                    "Age", "17",
                    "Date", "Tue, 24 Nov 2026 12:00:00 GMT"),
                "{}"));

    CallEnd.Response document = document(get(LOOPBACK, origin + "/jwks?tenant=a%2Fb"));

    assertThat(document.body()).asString(UTF_8).isEqualTo("{}");
    assertThat(document.times().maxAge()).isEqualTo(Duration.ofMinutes(10));
    assertThat(document.times().age()).isEqualTo(Duration.ofSeconds(17));
    assertThat(document.times().date()).isEqualTo(Instant.parse("2026-11-24T12:00:00Z"));
    assertThat(document.times().roundTrip()).isPositive();
    assertThat(document.times().sinceMidpoint())
        .isGreaterThanOrEqualTo(document.times().roundTrip().dividedBy(2));
    FakeServer.Request request = server().requests().getFirst();
    assertThat(request.target()).isEqualTo("/jwks?tenant=a%2Fb");
    assertThat(request.headers())
        .containsEntry("user-agent", "token-broker")
        .containsEntry("accept-encoding", "identity");
  }

  @Test
  void speaks_no_http_unless_told_to() {
    String origin = serve(Reply.ok());

    assertThat(failure(get(PRODUCTION, origin + "/"))).isEqualTo(FetchFailure.ADDRESS_REFUSED);
    assertThat(server().requests()).isEmpty();
  }

  static List<Arguments> refusedHosts() {
    return List.of(
        argumentSet("http beyond loopback", "http", List.of("10.0.0.1")),
        argumentSet(
            "a name that also stands for a metadata service",
            "https",
            List.of("127.0.0.1", "169.254.169.254")));
  }

  @ParameterizedTest
  @MethodSource("refusedHosts")
  void calls_no_host_of_a_refused_address(String scheme, List<String> addresses) {
    PeerClient client = resolving(addresses.toArray(new String[0]));

    assertThat(failure(get(client, scheme + "://issuer.example/")))
        .isEqualTo(FetchFailure.ADDRESS_REFUSED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://169.254.169.254/latest/meta-data",
        "https://[fd00:ec2::254]/latest",
        "https://[fe80::1]/",
        "https://0.0.0.0/",
        "https://user:secret@issuer.example/",
        "ftp://issuer.example/",
        "file:///etc/passwd",
        "https:issuer.example",
        "/relative"
      })
  void calls_no_address_that_is_not_a_plain_host(String uri) {
    assertThat(failure(get(LOOPBACK, uri))).isEqualTo(FetchFailure.ADDRESS_REFUSED);
  }

  @Test
  void connects_to_the_checked_address_under_the_requested_name() {
    String origin = serve(Reply.ok());
    // Nothing but the guard's own look-up knows this name: a second one would fail.
    PeerClient client = resolving("127.0.0.1");

    document(get(client, "http://issuer.invalid:" + port(origin) + "/"));

    assertThat(server().requests().getFirst().headers())
        .containsEntry("host", "issuer.invalid:" + port(origin));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void names_an_address_of_version_6_in_its_brackets(boolean tls) {
    TestTls authority = TestTls.generate();
    Handler handler = _ -> Reply.ok();
    server =
        tls ? FakeServer.startTls(authority.server("::1"), handler) : FakeServer.start(handler);
    String origin = (tls ? "https" : "http") + "://[::1]:" + server.port();
    // Not every machine has one.
    PeerClient client = resolving(Map.of("corp", authority.writeRoot(directory)), "127.0.0.1");

    document(client.get(PeerRequest.document(URI.create(origin + "/"), "corp"), FAR));

    assertThat(server.requests().getFirst().headers())
        .containsEntry("host", "[::1]:" + server.port());
  }

  @ParameterizedTest
  @ValueSource(strings = {"100 Continue", "103 Early Hints"})
  void reads_on_after_an_interim_answer(String status) {
    String origin = serve(afterInterim(status));

    assertThat(document(get(LOOPBACK, origin + "/")).body()).asString(UTF_8).isEqualTo("{}");
  }

  @Test
  void takes_102_for_the_answer_and_says_so() {
    String origin = serve(afterInterim("102 Processing"));

    assertThat(get(LOOPBACK, origin + "/"))
        .usingRecursiveComparison()
        .ignoringFields("words")
        .isEqualTo(new CallFailed(FetchFailure.BAD_STATUS, "answered with status 102"));
  }

  private static Reply afterInterim(String status) {
    return connection -> {
      Reply.raw("HTTP/1.1 " + status + "\r\n\r\n").write(connection);
      Reply.ok().write(connection);
    };
  }

  @Test
  void tries_the_next_address_where_nobody_listens() {
    String origin = serve(Reply.ok());
    PeerClient client = resolving("127.0.0.2", "127.0.0.1");

    document(get(client, "http://issuer.invalid:" + port(origin) + "/"));
  }

  @Test
  void goes_on_to_the_next_address_where_one_does_not_answer() throws Exception {
    TestTls tls = TestTls.generate();
    String origin = serveTls(tls, "localhost");
    PeerClient client =
        resolving(Map.of("corp", tls.writeRoot(directory)), "127.0.0.2", "127.0.0.1");

    // Takes connections and then says nothing.
    try (ServerSocket _ = new ServerSocket(port(origin), 50, InetAddress.ofLiteral("127.0.0.2"))) {
      Deadline near = Deadline.after(Duration.ofSeconds(2)); // half of which is for each address
      document(client.get(PeerRequest.document(URI.create(origin + "/"), "corp"), near));
    }
  }

  @Test
  void reports_unreachable_without_a_listener_or_a_known_host() {
    String origin = serve(Reply.drop());
    server().close();

    assertThat(failure(get(LOOPBACK, origin + "/"))).isEqualTo(FetchFailure.UNREACHABLE);
    assertThat(failure(get(resolving(), "https://issuer.example/")))
        .isEqualTo(FetchFailure.UNREACHABLE);
  }

  @Test
  void reports_unreachable_if_the_client_closed_with_the_process() {
    HttpClients clients = new HttpClients(VERTX, LOOPBACK.fetchTimeout(), (name, options) -> true);
    PooledClient closed =
        (PooledClient)
            clients.named(new PeerTls.ConfiguredTls(null), HttpClients.ClientUse.DOCUMENTS);
    closed.http().close().toCompletionStage().toCompletableFuture().join();
    RequestOptions options = new RequestOptions().setHost("localhost").setPort(1);
    URI uri = URI.create("http://localhost:1/");

    assertThat(HttpExchange.open(closed, PeerRequest.document(uri, null), options, FAR))
        .isInstanceOfSatisfying(
            HttpExchange.Opened.NotConnected.class,
            end -> assertThat(end.why().kind()).isEqualTo(FetchFailure.UNREACHABLE));
  }

  @Test
  void reports_unreachable_if_the_process_ends_before_any_client() {
    Vertx ended = Vertx.vertx();
    ended.close().toCompletionStage().toCompletableFuture().join();
    PeerClient client = PeerClients.client(ended, LOOPBACK, Map.of(), InetAddress::getAllByName);

    assertThat(failure(get(client, "https://issuer.example/"))).isEqualTo(FetchFailure.UNREACHABLE);
  }

  @Test
  void makes_no_call_once_it_is_closed() {
    String origin = serve(Reply.ok());
    PeerClient client = client(LOOPBACK);
    document(get(client, origin + "/"));

    client.close();

    assertThat(get(client, origin + "/"))
        .isEqualTo(
            new CallFailed(FetchFailure.UNREACHABLE, "not connected, the process is ending"));
    assertThat(server().requests()).hasSize(1);
  }

  @Test
  void closing_ends_calls_in_progress_even_by_former_certificates() throws Exception {
    Latch asked = new Latch(2);
    HttpClients clients = new HttpClients(VERTX, LOOPBACK.fetchTimeout(), (name, options) -> true);
    PeerClient client = client(clients);
    server =
        FakeServer.start(
            request -> {
              asked.countDown();
              return Reply.hang();
            });
    String uri = server.origin() + "/";
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<CallEnd> now = threads.submit(() -> get(client, uri));
      Future<CallEnd> before =
          threads.submit(() -> client.get(PeerRequest.document(URI.create(uri), "corp"), FAR));
      asked.await();

      clients.refresh("corp");
      client.close();

      assertThat(failure(now.get())).isEqualTo(FetchFailure.UNREACHABLE);
      assertThat(failure(before.get())).isEqualTo(FetchFailure.UNREACHABLE);
    }
  }

  static List<Arguments> badAnswers() {
    Reply cut = Reply.raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{");
    Reply stuck =
        connection -> {
          cut.write(connection);
          Reply.hang().write(connection);
        };
    byte[] large = new byte[PeerClient.MAX_BODY_BYTES + 1];
    Map<String, String> endless = Map.of("X", "a".repeat(HttpClients.MAX_HEADER_BYTES));
    Map<String, String> encoded = Map.of("Content-Encoding", "gzip");
    return List.of(
        argumentSet("no answer, and the connection is lost", Reply.drop(), UNREACHABLE),
        argumentSet("a body that is cut off", cut, UNREACHABLE),
        argumentSet("no answer", Reply.hang(), TIMED_OUT),
        argumentSet("a body that does not end", stuck, TIMED_OUT),
        argumentSet("a body above the limit", Reply.of(200, Map.of(), large), TOO_LARGE),
        argumentSet("a body of unannounced length", Reply.chunked(10 * 1024 * 1024), TOO_LARGE),
        argumentSet("endless headers", Reply.of(200, endless, "{}"), MALFORMED),
        argumentSet("an encoding not asked for", Reply.of(200, encoded, "{}"), MALFORMED));
  }

  @ParameterizedTest
  @MethodSource("badAnswers")
  void has_one_kind_of_failure_for_a_bad_answer(Reply reply, FetchFailure kind) {
    Settings settings = kind == TIMED_OUT ? IMPATIENT : LOOPBACK;

    assertThat(failure(get(settings, serve(reply) + "/"))).isEqualTo(kind);
  }

  @Test
  void gives_up_at_the_callers_deadline() {
    PeerRequest request = PeerRequest.document(URI.create(serve(Reply.hang()) + "/"), null);

    CallEnd fetched = client(LOOPBACK).get(request, Deadline.after(Duration.ofMillis(200)));

    assertThat(failure(fetched)).isEqualTo(FetchFailure.TIMED_OUT);
  }

  @Test
  void gives_up_on_a_hung_name_server_and_continues_for_other_hosts() {
    String origin = serve(Reply.ok());
    Latch release = new Latch(1);
    PeerClient client =
        PeerClients.client(
            VERTX,
            LOOPBACK,
            Map.of(),
            host -> {
              if (host.equals("slow.example")) {
                release.await();
              }
              return new InetAddress[] {InetAddress.ofLiteral("127.0.0.1")};
            });

    CallEnd slow =
        client.get(
            PeerRequest.document(URI.create("http://slow.example/"), null),
            Deadline.after(Duration.ofMillis(300)));

    assertThat(failure(slow)).isEqualTo(FetchFailure.TIMED_OUT);
    document(get(client, "http://fast.example:" + port(origin) + "/"));
    release.countDown();
  }

  @Test
  void reads_a_body_of_exactly_the_limit() {
    byte[] body = new byte[PeerClient.MAX_BODY_BYTES];

    assertThat(document(get(LOOPBACK, serve(Reply.of(200, Map.of(), body)) + "/")).body())
        .hasSize(body.length);
  }

  @ParameterizedTest
  @CsvSource({
    "500, SERVER_ERROR",
    "429, SERVER_ERROR",
    "404, BAD_STATUS",
    "401, ACCESS_REFUSED",
    "403, ACCESS_REFUSED",
    "204, BAD_STATUS",
    "302, BAD_STATUS"
  })
  void accepts_status_200_only(int status, FetchFailure expected) {
    assertThat(failure(get(LOOPBACK, serve(Reply.of(status, Map.of(), "{}")) + "/")))
        .isEqualTo(expected);
  }

  @Test
  void follows_no_redirect_to_another_origin() {
    String origin = serve(Reply.of(302, Map.of("Location", "https://elsewhere.example/x"), ""));

    assertThat(failure(get(LOOPBACK, origin + "/"))).isEqualTo(FetchFailure.REDIRECTED);
    assertThat(server().requests()).hasSize(1);
  }

  @Test
  void follows_a_redirect_within_the_origin() {
    server =
        FakeServer.start(
            request ->
                request.target().equals("/a/keys")
                    ? Reply.of(308, Map.of("Location", "../keys?v=2"), "")
                    : Reply.ok());

    document(get(LOOPBACK, server.origin() + "/a/keys"));

    assertThat(server.requests().getLast().target()).isEqualTo("/keys?v=2");
  }

  @Test
  void follows_no_endless_redirects() {
    String origin = serve(Reply.of(302, Map.of("Location", "/again"), ""));

    assertThat(failure(get(LOOPBACK, origin + "/"))).isEqualTo(FetchFailure.REDIRECTED);
    assertThat(server().requests()).hasSize(1 + PeerClient.MAX_REDIRECTS);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"SSH-2.0-OpenSSH_9.9\r\n\r\n", "HTTP/9.9 200 OK\r\n\r\n", "\0\0\0\0\r\n\r\n"})
  void says_malformed_where_the_answer_is_no_http(String bytes) {
    assertThat(failure(get(LOOPBACK, serve(Reply.raw(bytes)) + "/")))
        .isIn(FetchFailure.MALFORMED, FetchFailure.UNREACHABLE);
  }

  @Test
  void trusts_no_other_root_and_names_the_certificate() {
    CallFailed failed = failed(get(LOOPBACK, serveTls(TestTls.generate(), "localhost") + "/"));

    assertThat(failed.kind()).isEqualTo(FetchFailure.TLS_UNTRUSTED);
    assertThat(failed.detail())
        .startsWith(
            "the certificate is not trusted: subject CN=localhost, issuer CN=Token Broker Test"
                + " Root, valid from 20");
    assertThat(server().requests()).isEmpty();
  }

  @Test
  void trusts_the_root_of_the_named_configuration() {
    TestTls tls = TestTls.generate();
    String origin = serveTls(tls, "localhost");

    document(named(Map.of("corp", tls.writeRoot(directory)), origin, "corp"));
  }

  @Test
  void refuses_a_certificate_for_another_host() {
    TestTls tls = TestTls.generate();
    String origin = serveTls(tls, "other.example");

    CallFailed failed = failed(named(Map.of("corp", tls.writeRoot(directory)), origin, "corp"));

    assertThat(failed.kind()).isEqualTo(FetchFailure.TLS_CERTIFICATE_INVALID);
    assertThat(failed.detail())
        .startsWith(
            "the certificate is not for localhost; its names are other.example; subject"
                + " CN=other.example, issuer CN=Token Broker Test Root, valid from 20");
  }

  @ParameterizedTest
  @CsvSource({"-3, -1, has expired", "1, 3, is not yet valid"})
  void tells_the_dates_of_a_certificate_without_a_stack_trace(int from, int until, String state) {
    TestTls tls = TestTls.generate();
    Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    Instant begin = now.plus(Duration.ofHours(from));
    Instant end = now.plus(Duration.ofHours(until));
    server = FakeServer.startTls(tls.server(begin, end, "localhost"), request -> Reply.ok());
    Traces traces = new Traces();
    Logger root = Logger.getLogger("");
    root.addHandler(traces);
    try {
      CallFailed failed =
          failed(named(Map.of("corp", tls.writeRoot(directory)), server.origin(), "corp"));

      assertThat(failed.kind()).isEqualTo(FetchFailure.TLS_CERTIFICATE_INVALID);
      assertThat(failed.detail())
          .startsWith("the certificate " + state + "; now it is 20")
          .endsWith(
              "subject CN=localhost, issuer CN=Token Broker Test Root, valid from %s until %s"
                      .formatted(begin, end)
                  + " (at 127.0.0.1, one of 1 addresses)");
      assertThat(failed.detail()).hasSizeLessThan(256);
    } finally {
      root.removeHandler(traces);
    }
    assertThat(traces.seen).isEmpty();
  }

  @Test
  void tells_that_the_peer_wants_a_client_certificate() {
    TestTls tls = TestTls.generate();
    server = FakeServer.startMutualTls(tls.server("localhost"), _ -> Reply.ok());

    CallFailed failed =
        failed(named(Map.of("corp", tls.writeRoot(directory)), server.origin(), "corp"));

    assertThat(failed.kind()).isEqualTo(FetchFailure.TLS_CLIENT_CERTIFICATE_WANTED);
    assertThat(failed.detail())
        .startsWith("the server asked for a client certificate and was shown none; no TLS");
  }

  /** A peer that speaks TLS 1.0 only ends the handshake with that alert. */
  @Test
  void tells_the_alert_that_ended_a_handshake() throws Exception {
    byte[] protocolVersion = {0x15, 3, 1, 0, 2, 2, 70};

    CallFailed failed = failed(answeredRaw(protocolVersion));

    assertThat(failed.kind()).isEqualTo(FetchFailure.TLS_FAILED);
    assertThat(failed.detail()).startsWith("no TLS connection: ").contains("protocol_version");
  }

  @Test
  void tells_a_port_that_does_not_speak_tls() throws Exception {
    CallFailed failed = failed(answeredRaw("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(UTF_8)));

    assertThat(failed)
        .isEqualTo(
            new CallFailed(
                FetchFailure.TLS_FAILED,
                "no TLS connection: the port does not speak TLS"
                    + " (at 127.0.0.1, one of 1 addresses)"));
  }

  /** The answer of a peer that sends these bytes to whoever connects by TLS. */
  private static CallEnd answeredRaw(byte[] bytes) throws Exception {
    try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      Thread.ofVirtual()
          .start(
              () -> {
                try (Socket connection = listening.accept()) {
                  connection.getInputStream().read(new byte[4096]);
                  connection.getOutputStream().write(bytes);
                  connection.getOutputStream().flush();
                  connection.getInputStream().read();
                } catch (IOException gone) {
                  // The client has seen enough.
                }
              });
      return get(LOOPBACK, "https://127.0.0.1:" + listening.getLocalPort() + "/");
    }
  }

  @ParameterizedTest
  @CsvSource({"429, 120, 120", "503, 7, 7", "500, 86400, 3600"})
  void tells_when_the_peer_wants_to_be_asked_again(int status, String header, long seconds) {
    String origin =
        serve(Reply.of(status, Map.of("Retry-After", header, "Content-Type", "text/html"), "no"));

    assertThat(get(LOOPBACK, origin + "/"))
        .usingRecursiveComparison()
        .ignoringFields("words")
        .isEqualTo(
            new CallFailed(
                FetchFailure.SERVER_ERROR,
                "answered with status %d, Retry-After %s s".formatted(status, header),
                Duration.ofSeconds(seconds),
                null));
  }

  @Test
  void refuses_a_tls_configuration_that_is_not_there() {
    assertThat(failure(named(Map.of(), "https://localhost:1", "corp")))
        .isEqualTo(FetchFailure.TLS_NOT_CONFIGURED);
  }

  @Test
  void tells_caches_to_ask_the_origin_where_it_is_told_to() {
    URI uri = URI.create(serve(Reply.ok()) + "/");

    document(client(LOOPBACK).get(PeerRequest.document(uri, null), FAR));
    document(client(LOOPBACK).get(PeerRequest.document(uri, null).pastCaches(), FAR));

    assertThat(server().requests())
        .extracting(request -> request.headers().get("cache-control"))
        .containsExactly(null, "no-cache");
  }

  @Test
  void presents_a_token_to_the_origin_and_to_no_other() {
    BearerToken token = new BearerToken("its.own-token");
    try (FakeServer other = FakeServer.start(_ -> Reply.ok())) {
      String origin = serve(Reply.of(302, Map.of("Location", other.origin() + "/"), ""));
      PeerRequest request = PeerRequest.document(URI.create(origin + "/"), null);

      assertThat(failure(client(LOOPBACK).get(request.withBearer(token), FAR)))
          .isEqualTo(FetchFailure.REDIRECTED);
      assertThat(failure(client(LOOPBACK).get(request, FAR))).isEqualTo(FetchFailure.REDIRECTED);
      assertThat(other.requests()).isEmpty();
    }
    assertThat(server().requests())
        .extracting(request -> request.headers().get("authorization"))
        .containsExactly("Bearer its.own-token", null);
    assertThat(token.toString()).doesNotContain("own-token");
  }

  @Test
  void trusts_by_new_certificates_once_they_are_reloaded() {
    TestTls tls = TestTls.generate();
    String origin = serveTls(tls, "localhost");
    AtomicReference<Path> root = new AtomicReference<>(TestTls.generate().writeRoot(directory));
    HttpClients clients =
        new HttpClients(
            VERTX,
            LOOPBACK.fetchTimeout(),
            (name, options) -> {
              options.setTrustOptions(new PemTrustOptions().addCertPath(root.get().toString()));
              return true;
            });
    PeerClient client = client(clients);
    PeerRequest request = PeerRequest.document(URI.create(origin + "/"), "corp");
    assertThat(failure(client.get(request, FAR))).isEqualTo(FetchFailure.TLS_UNTRUSTED);

    root.set(tls.writeRoot(directory));
    clients.refresh("corp");

    document(client.get(request, FAR));
  }

  @Test
  void trusts_by_a_file_as_it_is_at_each_call() throws IOException {
    TestTls tls = TestTls.generate();
    String origin = serveTls(tls, "localhost");
    Path file = directory.resolve("ca.crt");
    PeerClient client = client(LOOPBACK);
    PeerRequest request =
        PeerRequest.document(URI.create(origin + "/"), null).withTls(new PeerTls.TrustedFile(file));
    assertThat(client.get(request, FAR))
        .isEqualTo(
            new CallFailed(
                FetchFailure.TLS_NOT_CONFIGURED,
                "the file with trusted authorities, "
                    + file
                    + ", cannot be read: it does not exist"));

    for (String garbage : List.of("", "\n", "no certificate", tls.rootPem().substring(0, 200))) {
      Files.writeString(file, garbage);
      assertThat(failure(client.get(request, FAR))).isEqualTo(FetchFailure.TLS_NOT_CONFIGURED);
    }
    Files.writeString(file, TestTls.generate().rootPem());
    assertThat(failure(client.get(request, FAR))).isEqualTo(FetchFailure.TLS_UNTRUSTED);

    Files.writeString(file, "# both\n" + TestTls.generate().rootPem() + tls.rootPem());
    document(client.get(request, FAR));

    Files.writeString(file, TestTls.generate().rootPem());
    assertThat(failure(client.get(request, FAR))).isEqualTo(FetchFailure.TLS_UNTRUSTED);
  }

  @Test
  void is_not_slowed_by_a_host_that_hangs() throws Exception {
    PeerClient client = client(LOOPBACK);
    CompletableFuture<CallEnd> stuck = new CompletableFuture<>();
    try (FakeServer hanging = FakeServer.start(request -> Reply.hang())) {
      for (int call = 0; call < 2 * HttpClients.MAX_CONNECTIONS_PER_HOST; call++) {
        Thread.ofVirtual().start(() -> stuck.complete(get(client, hanging.origin() + "/")));
      }
      String origin = serve(Reply.ok());

      document(get(client, origin + "/"));
      assertThat(stuck).isNotDone();
    }
    assertThat(failure(stuck.get(30, TimeUnit.SECONDS))).isEqualTo(FetchFailure.UNREACHABLE);
  }

  private String serve(Reply reply) {
    server = FakeServer.start(request -> reply);
    return server.origin();
  }

  private String serveTls(TestTls tls, String name) {
    server = FakeServer.startTls(tls.server(name), request -> Reply.ok());
    return server.origin();
  }

  private FakeServer server() {
    return Objects.requireNonNull(server, "not started");
  }

  private static PeerClient resolving(String... addresses) {
    return resolving(Map.of(), addresses);
  }

  private static PeerClient resolving(Map<String, Path> roots, String... addresses) {
    return PeerClients.client(
        VERTX,
        LOOPBACK,
        roots,
        host -> {
          if (addresses.length == 0) {
            throw new UnknownHostException(host);
          }
          return Arrays.stream(addresses).map(InetAddress::ofLiteral).toArray(InetAddress[]::new);
        });
  }

  private static PeerClient client(Settings settings) {
    return PeerClients.client(VERTX, settings, Map.of(), InetAddress::getAllByName);
  }

  private static PeerClient client(HttpClients clients) {
    return new PeerClient(
        LOOPBACK,
        clients,
        PeerClients.noCertificates(),
        new HostResolver(InetAddress::getAllByName));
  }

  private static CallEnd named(Map<String, Path> roots, String origin, String tls) {
    return PeerClients.trusting(VERTX, LOOPBACK.fetchTimeout(), roots)
        .get(PeerRequest.document(URI.create(origin + "/"), tls), FAR);
  }

  private static CallEnd get(Settings settings, String uri) {
    return get(client(settings), uri);
  }

  private static CallEnd get(PeerClient client, String uri) {
    return client.get(PeerRequest.document(URI.create(uri), null), FAR);
  }

  private static int port(String origin) {
    return URI.create(origin).getPort();
  }

  private static CallEnd.Response document(CallEnd fetched) {
    assertThat(fetched).isInstanceOf(CallEnd.Response.class);
    return (CallEnd.Response) fetched;
  }

  private static FetchFailure failure(CallEnd fetched) {
    return failed(fetched).kind();
  }

  private static CallFailed failed(CallEnd fetched) {
    assertThat(fetched).isInstanceOf(CallFailed.class);
    return (CallFailed) fetched;
  }

  /** Log lines with a stack trace. */
  private static final class Traces extends java.util.logging.Handler {

    private final Queue<String> seen = new ConcurrentLinkedQueue<>();

    @Override
    public void publish(LogRecord line) {
      if (line.getThrown() != null) {
        seen.add(line.getLoggerName() + ": " + line.getThrown());
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
