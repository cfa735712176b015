package dev.tokenbroker.edges.http.token;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.edge.CallsUnderWay;
import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.edges.http.guard.LocalHttp;
import dev.tokenbroker.edges.http.guard.RawConnection;
import dev.tokenbroker.evaluate.exchange.ExchangeSettings;
import dev.tokenbroker.judge.credential.CredentialSettings;
import dev.tokenbroker.process.runtime.Unchecked;
import io.quarkus.vertx.http.runtime.filters.QuarkusRequestWrapper;
import io.quarkus.vertx.http.runtime.filters.accesslog.AccessLogHandler;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.net.URI;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests to a route whose handler returns the form, or does what a test lets it do. */
class FormRouteTest {

  private static final Duration MAX_DURATION = Duration.ofMillis(300);
  private static final String POST = "POST /form HTTP/1.1\r\nHost: localhost\r\n";
  private static final String FORM = "Content-Type: application/x-www-form-urlencoded\r\n";
  private static final CallerKeys NO_KEYS =
      new CallerKeys(
          () -> Unchecked.raise(new AssertionError("no proof is sent here")),
          () -> Unchecked.raise(new AssertionError("no proof is sent here")));

  @AutoClose private final Vertx vertx = Vertx.vertx();
  private volatile Function<ReceivedForm, CompletionStage<TokenAnswer>> work =
      form -> CompletableFuture.completedFuture(answer(form.body()));

  private record Settings(Duration maxDuration, int maxVerdicts, Duration verdictTtl)
      implements ExchangeSettings {}

  private record Credentials(int maxSizeBytes, int maxUsed) implements CredentialSettings {}

  private URI serve(int maxCredentialBytes) {
    return serve(maxCredentialBytes, RoutingContext::next);
  }

  private URI serve(int maxCredentialBytes, Handler<RoutingContext> accessLog) {
    FormRoute forms =
        new FormRoute(
            new Settings(MAX_DURATION, 1, MAX_DURATION),
            new Credentials(maxCredentialBytes, 1),
            new CallsUnderWay(),
            NO_KEYS);
    Router router = Router.router(vertx);
    router.route().handler(accessLog);
    forms
        .at(router, "/form")
        .handler(call -> forms.answer(call, () -> work.apply(forms.received(call))));
    return LocalHttp.serve(
        vertx,
        request -> {
          request.pause(); // As Quarkus does.
          router.handle(new QuarkusRequestWrapper(request, (_, _) -> {}));
        });
  }

  /** The endpoint refuses a query with more than a target, but the log is written all the same. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "common",
        "combined",
        "%r",
        "%{REQUEST_LINE} %q %{QUERY_STRING} %U %{REQUEST_URL} %R",
        "%{q,client_secret} %{q,client_assertion} %{q,subject_token} %r"
      })
  void shows_no_secret_to_an_access_log(String pattern) {
    Queue<String> logged = new ConcurrentLinkedQueue<>();
    URI url =
        serve(
            16_384,
            new AccessLogHandler(
                logged::add, pattern, false, getClass().getClassLoader(), Optional.empty()));
    String form = "client_id=a&client_secret=s3cret&client_assertion=s3cret&subject_token=s3cret";
    String basic =
        "Authorization: Basic " + Base64.getEncoder().encodeToString("a:s3cret".getBytes(UTF_8));
    for (String query : List.of("", "?" + form, "?audience=a&client%5Fsecret=s3cret", "?s3cret")) {
      String request = request(form).replace("/form", "/form" + query);
      assertThat(status(url, request.replace(FORM, FORM + basic + "\r\n"))).isEqualTo(200);
      assertThat(status(url, request.replace("POST", "GET"))).isEqualTo(405);
    }
    assertThat(status(url, request(form).replace("/form", "/form?audience=payments")))
        .isEqualTo(200);

    // A request that is routed again is logged again.
    assertThat(Eventually.see(() -> List.copyOf(logged), lines -> lines.size() == 15))
        .hasSize(15)
        .noneMatch(line -> line.contains("s3cret") || line.contains(basic.substring(21)))
        .anyMatch(line -> line.contains("/form?audience=payments") || !pattern.contains("%r"));
  }

  @Test
  void keeps_the_query_that_it_hides() {
    work = form -> CompletableFuture.completedFuture(answer(Buffer.buffer(form.query())));

    assertThat(answerTo(last(request("a=b")).replace("/form", "/form?audience=a&x=y")))
        .endsWith("audience=a&x=y\n");
  }

  private static TokenAnswer answer(Buffer body) {
    return new TokenAnswer(200, Map.of(), body);
  }

  private static String request(String body) {
    return POST + FORM + "Content-Length: %d\r\n\r\n%s".formatted(body.length(), body);
  }

  /** What a client reads until the connection is closed. */
  private String answerTo(String request) {
    try (RawConnection client = new RawConnection(serve(16_384))) {
      return client.send(request).rest();
    }
  }

  private static String last(String request) {
    return request.replace(POST, POST + "Connection: close\r\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a=b", "a=%zz&&=", "", "\u00ff"})
  void hands_on_the_body_as_it_is(String body) {
    assertThat(answerTo(last(request(body)))).startsWith("HTTP/1.1 200 ").endsWith(body + "\n");
  }

  @Test
  void reads_a_body_in_chunks() {
    assertThat(
            answerTo(
                last(POST)
                    + FORM
                    + "Transfer-Encoding: chunked\r\n\r\n3\r\na=b\r\n4\r\n&c=d\r\n0\r\n\r\n"))
        .endsWith("a=b&c=d\n");
  }

  @ParameterizedTest
  @CsvSource({"1024, 49152", "32768, 49152", "32769, 49153", "65536, 81920"})
  void reads_16_kib_beside_the_largest_credential_and_no_more(int maxCredentialBytes, int most) {
    URI url = serve(maxCredentialBytes);

    for (String form :
        new String[] {
          POST + FORM + "Content-Length: %d\r\n\r\n%s",
          POST + FORM + "Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n"
        }) {
      assertThat(status(url, form.formatted(most, "x".repeat(most)))).isEqualTo(200);
      assertThat(status(url, form.formatted(most + 1, "x".repeat(most + 1)))).isEqualTo(413);
    }
  }

  private static int status(URI url, String request) {
    try (RawConnection client = new RawConnection(url)) {
      return client.send(request).status();
    }
  }

  @Test
  void invites_the_body_of_a_client_that_waits_for_it() {
    try (RawConnection client = new RawConnection(serve(16_384))) {
      client.send(POST + FORM + "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n");
      assertThat(client.firstLine()).isEqualTo("HTTP/1.1 100 Continue");

      assertThat(client.send("a=b").status()).isEqualTo(200);
    }
  }

  /** All at once, since some connections stay open for a second after the response. */
  @Test
  void closes_the_connection_after_it_answers_an_unread_body() {
    URI url = serve(16_384);
    Map<String, Integer> statuses =
        Map.of(
            "Content-Type: text/plain\r\nContent-Length: 3\r\n",
            415,
            "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 3\r\n",
            415,
            FORM + "Content-Length: 30\r\n",
            408,
            FORM + "Content-Length: 9000000000000\r\n",
            413,
            FORM + "Expect: more\r\nContent-Length: 3\r\n",
            417);
    Map<String, RawConnection> clients = new HashMap<>();
    statuses
        .keySet()
        .forEach(
            headers ->
                clients.put(headers, new RawConnection(url).send(POST + headers + "\r\na=b")));

    clients.forEach(
        (headers, client) ->
            assertThat(client.rest())
                .startsWith("HTTP/1.1 " + statuses.get(headers) + " ")
                .containsIgnoringCase("\nConnection: close\n")
                .contains("\"error\":\"invalid_request\""));
    clients.values().forEach(RawConnection::close);
  }

  @Test
  void a_client_reads_the_response_before_it_has_sent_its_body() {
    try (RawConnection client = new RawConnection(serve(16_384))) {
      client.send(POST + FORM + "Content-Length: 3000000\r\n\r\n").send("x".repeat(3_000_000));

      assertThat(client.isLost()).isFalse();
      assertThat(client.status()).isEqualTo(413);
    }
  }

  @Test
  void keeps_the_connection_after_a_request_without_a_body() {
    try (RawConnection client = new RawConnection(serve(16_384))) {
      client.send("HEAD /form HTTP/1.1\r\nHost: localhost\r\n\r\n" + request("a=b"));

      assertThat(client.status()).isEqualTo(405);
      while (!client.firstLine().isEmpty()) {
        // A response to HEAD ends with its headers.
      }
      assertThat(client.status()).isEqualTo(200);
    }
  }

  @Test
  void waits_for_an_answer_longer_than_for_a_body() {
    CompletableFuture<TokenAnswer> late = new CompletableFuture<>();
    work = _ -> late;
    vertx.setTimer(
        MAX_DURATION.multipliedBy(2).toMillis(), _ -> late.complete(answer(Buffer.buffer())));

    assertThat(answerTo(last(request("a=b")))).startsWith("HTTP/1.1 200 ");
  }

  @Test
  void answers_a_bug_without_its_message() {
    work = _ -> Unchecked.raise(new IllegalStateException("secret"));
    assertThatItIsABug(answerTo(last(request("a=b"))));

    work = _ -> CompletableFuture.failedFuture(new IllegalStateException("secret"));
    assertThatItIsABug(answerTo(last(request("a=b"))));
  }

  private static void assertThatItIsABug(String answer) {
    assertThat(answer)
        .startsWith("HTTP/1.1 500 ")
        .contains("\"reason\":\"INTERNAL_ERROR\"")
        .doesNotContain("secret");
  }
}
