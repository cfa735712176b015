package dev.tokenbroker.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a connection of HTTP/1 is not: one of another version, one of HTTP/2, an endless queue. */
@QuarkusTest
class Http1ConnectionsTest {

  private static final String KEYS = "/.well-known/jwks.json";
  private static final String GET = "GET " + KEYS + " HTTP/1.1\r\nHost: localhost\r\n";
  private static final String METERS = "GET /q/metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";
  private static final String UPGRADE =
      "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk\r\n";

  @TestHTTPResource URI url;

  @ParameterizedTest
  @ValueSource(strings = {"HTTP/1.2", "HTTP/2.0", "FOO/7.3", "http/1.1"})
  void refuse_calls_of_a_version_that_is_not_spoken_here(String version) {
    try (RawConnection connection = new RawConnection(url)) {
      connection.send(
          "POST /grpc.reflection.v1.ServerReflection/ServerReflectionInfo "
              + version
              + "\r\nHost: localhost\r\nContent-Type: application/grpc\r\nContent-Length: 5\r\n\r\n");

      assertThat(connection.status()).isEqualTo(505);
      connection.untilClosed();
    }
  }

  @Test
  void refuse_another_version_after_what_was_asked_before() {
    try (RawConnection connection = new RawConnection(url)) {
      connection.send(METERS + "GET / HTTP/1.2\r\n\r\n");

      String answers = connection.rest();

      assertThat(answers).startsWith("HTTP/1.1 200").containsOnlyOnce("\nHTTP/1.1 505");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        UPGRADE,
        "Upgrade: h2c\r\n",
        "Upgrade: foo\r\nUpgrade: H2C, bar\r\n",
        "Upgrade: foo\r\n"
      })
  void ignore_an_upgrade_to_http_2(String upgrade) {
    try (RawConnection connection = new RawConnection(url)) {
      connection.send(GET + upgrade + "\r\n");

      assertThat(connection.status()).isEqualTo(200);
    }
  }

  @Test
  void refuse_a_body_without_end_that_comes_with_an_upgrade() {
    try (RawConnection connection = new RawConnection(url)) {
      connection.send(
          "POST / HTTP/1.1\r\nHost: localhost\r\nUpgrade: h2c\r\nContent-Length: 9000000000000\r\n\r\n");

      assertThat(connection.status()).isEqualTo(413);
      connection.untilClosed();
    }
  }

  @Test
  void answer_clients_that_would_upgrade() throws Exception {
    try (HttpClient client = HttpClient.newBuilder().version(Version.HTTP_2).build()) {
      HttpResponse<String> answer =
          client.send(HttpRequest.newBuilder(url.resolve(KEYS)).build(), BodyHandlers.ofString());

      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.version()).isEqualTo(Version.HTTP_1_1);
    }
  }

  @Test
  void end_after_the_answers_to_as_many_requests_as_may_wait() {
    try (RawConnection connection = new RawConnection(url)) {
      connection.send(METERS + (GET + "\r\n").repeat(2_000));

      assertThat(connection.rest().lines().filter(line -> line.contains("HTTP/1.1 200")))
          .hasSize(16);
    }
  }

  @Test
  void go_on_for_as_many_requests_as_are_answered() {
    try (RawConnection connection = new RawConnection(url)) {
      for (int at = 0; at < 100; at++) {
        connection.send("HEAD /q/health/live HTTP/1.1\r\nHost: localhost\r\n\r\n");

        assertThat(connection.firstLine()).startsWith("HTTP/1.1 200");
        while (!connection.firstLine().isEmpty()) {
          // Its headers do not count.
        }
      }
    }
  }

  @Test
  void let_a_client_read_that_its_headers_are_too_many_once_it_has_sent_them_all() {
    try (RawConnection connection = new RawConnection(url)) {
      connection.send(GET + "X-Padding: %s\r\n".formatted("x".repeat(1_000)).repeat(100) + "\r\n");
      connection.send("x".repeat(100_000));

      assertThat(connection.isLost()).isFalse();
      assertThat(connection.status()).isEqualTo(431);
      connection.untilClosed();
    }
  }
}
