package dev.tokenbroker.edges.http.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.grpc.FailureLog;
import dev.tokenbroker.edges.grpc.TestFederation;
import dev.tokenbroker.evaluate.federation.Federations;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A body whose end is unclear is never read as the next request (RFC 9112 section 6.3): behind each
 * malformed request, or in its body, stands one that would get 200.
 */
@QuarkusTest
class RequestFramingLiveTest {

  private static final String SMUGGLED = "GET /.well-known/jwks.json HTTP/1.1\r\nHost: a\r\n\r\n";

  @Inject Federations federations;
  @TestHTTPResource URI url;

  @BeforeEach
  void start() {
    new TestFederation().issuer("good", "https://issuer.example").load(federations);
  }

  static Stream<Arguments> unclear() {
    return Stream.of(
            "Transfer-Encoding: xchunked",
            "Transfer-Encoding: gzip",
            "Transfer-Encoding: identity",
            "Transfer-Encoding: chunked;q=1",
            "Transfer-Encoding: chunked, gzip",
            "Transfer-Encoding: chunked, identity",
            "Transfer-Encoding: chunked, chunked",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
            "Transfer-Encoding: ",
            "Transfer-Encoding: ,",
            "Transfer-Encoding: \"chunked\"",
            "Transfer-Encoding: chunked,",
            "Transfer-Encoding: identity\r\nContent-Length: 0",
            "Transfer-Encoding: xchunked\r\nContent-Length: 0",
            "Transfer-Encoding: gzip, chunked",
            "Content-Length: 0\r\nContent-Length: 5",
            "Content-Length: 0, 5",
            "Content-Length: +0",
            "Content-Length: -1",
            "Content-Length: 0x0",
            "Content-Length: ",
            "Content-Length: 99999999999999999999")
        .flatMap(
            headers ->
                Stream.of(
                    Arguments.of("POST /token", headers),
                    Arguments.of("GET /.well-known/jwks.json", headers),
                    Arguments.of("POST /introspect", headers)));
  }

  @ParameterizedTest
  @MethodSource("unclear")
  void refuses_a_body_whose_end_is_unclear_and_closes(String request, String headers) {
    try (FailureLog log = new FailureLog();
        RawConnection connection = new RawConnection(url)) {
      connection.send(request + " HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n\r\n" + SMUGGLED);

      assertThat(connection.statuses()).isSubsetOf(400, 501).hasSizeLessThanOrEqualTo(1);
      assertThat(log.failures()).isEmpty();
    }
  }

  /** RFC 9112 section 5. */
  @Test
  void refuses_a_header_without_a_name_and_closes() {
    try (RawConnection connection = new RawConnection(url)) {
      connection.send("GET /.well-known/jwks.json HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n" + SMUGGLED);

      assertThat(connection.statuses()).containsExactly(400);
    }
  }

  /** RFC 9110 section 6.6.1. */
  @Test
  void dates_its_refusals_once() {
    Map<String, RawConnection> connections =
        connected(
            List.of("xchunked", "gzip, chunked"),
            coding ->
                "POST /token HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: " + coding + "\r\n\r\n");

    connections.forEach(
        (coding, connection) ->
            assertThat(connection.rest().lines().filter(line -> line.startsWith("Date: ")))
                .as(coding)
                .hasSize(1));
    connections.values().forEach(RawConnection::close);
  }

  /** One connection for each, all at once: each stays open for a second after its answer. */
  private Map<String, RawConnection> connected(List<String> parts, UnaryOperator<String> request) {
    Map<String, RawConnection> connections = new LinkedHashMap<>();
    for (String part : parts) {
      connections.put(part, new RawConnection(url).send(request.apply(part)));
    }
    return connections;
  }

  /** Version, and headers that RFC 9112 lets no HTTP/1.0 request have. */
  @Test
  void refuses_a_transfer_coding_in_http_1_0() {
    try (RawConnection connection = new RawConnection(url)) {
      connection.send(
          "POST /token HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
              + SMUGGLED);

      assertThat(connection.statuses()).containsExactly(400);
    }
  }

  @Test
  void never_reads_a_request_behind_a_malformed_chunk() {
    try (FailureLog log = new FailureLog()) {
      Map<String, RawConnection> connections =
          connected(
              List.of(
                  "zz\r\n",
                  "-1\r\n",
                  "1;\r\nab\r\n",
                  "100000000000000000\r\n",
                  "\r\n",
                  "0x1\r\na\r\n"),
              chunk ->
                  "POST /token HTTP/1.1\r\nHost: a\r\n"
                      + "Content-Type: application/x-www-form-urlencoded\r\n"
                      + "Transfer-Encoding: chunked\r\n\r\n"
                      + chunk
                      + SMUGGLED);

      connections.forEach(
          (chunk, connection) -> assertThat(connection.statuses()).as(chunk).doesNotContain(200));
      connections.values().forEach(RawConnection::close);
      assertThat(log.failures()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"close", "Close", "x, close", "keep-alive, close"})
  void handles_no_request_behind_one_that_asks_to_close(String connection) {
    try (RawConnection pipelined = new RawConnection(url)) {
      pipelined.send(
          "GET /.well-known/openid-configuration HTTP/1.1\r\nHost: a\r\nConnection: "
              + connection
              + "\r\n\r\n"
              + SMUGGLED);

      assertThat(pipelined.statuses()).containsExactly(200);
    }
  }

  @Test
  void takes_a_chunked_body_and_the_request_behind_it() {
    try (RawConnection connection = new RawConnection(url)) {
      connection.send(
          "POST /token HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
              + "Transfer-Encoding: Chunked\r\n\r\n3\r\na=b\r\n0\r\n\r\n"
              + SMUGGLED.replace("Host: a\r\n", "Host: a\r\nConnection: close\r\n"));

      assertThat(connection.statuses()).isEqualTo(List.of(400, 200));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "//q/health/live",
        "/x/../q/health/live",
        "/./q/health/live",
        "/q//health/live",
        "/%71/health/live",
        "/verdicts/../q/health/live",
        "/%2e%2e/q/health/live",
        "/.well-known/%6awks.json",
        "/q/health/live/.",
        "/q/health/live/.."
      })
  void knows_a_path_in_its_normal_form_only(String path) {
    try (RawConnection connection = new RawConnection(url)) {
      connection.send("GET " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

      assertThat(connection.statuses()).containsExactly(404);
    }
  }
}
