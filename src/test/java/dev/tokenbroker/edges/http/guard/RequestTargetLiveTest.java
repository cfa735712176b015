package dev.tokenbroker.edges.http.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.grpc.FailureLog;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests with an odd target, none of which leaves anything in the log. */
@QuarkusTest
class RequestTargetLiveTest {

  @TestHTTPResource URI url;

  @ParameterizedTest
  @ValueSource(strings = {"GET ?secret", "GET ?", "POST ?"})
  void are_refused_without_a_path(String line) {
    assertThat(answerTo(line))
        .startsWith("HTTP/1.1 400 ")
        .contains("\"error\":\"invalid_request\"")
        .doesNotContain("Exception");
  }

  /** Quarkus answers a target that is no URI before the router sees it. */
  @ParameterizedTest
  @ValueSource(strings = {"GET /%zz", "GET /q/%", "GET %zz", "POST /%zz"})
  void are_refused_if_the_target_is_no_uri(String line) {
    assertThat(answerTo(line)).startsWith("HTTP/1.1 400 ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET x", "OPTIONS *"})
  void are_found_nowhere_if_the_path_has_no_leading_slash(String line) {
    assertThat(answerTo(line)).startsWith("HTTP/1.1 404 ");
  }

  static Stream<String> tooLong() {
    return Stream.of("/" + "a".repeat(4_096), "/?" + "a".repeat(4_095), "/" + "%41".repeat(257));
  }

  /** Netty has a limit of its own, for the whole request line. */
  @ParameterizedTest
  @MethodSource("tooLong")
  void are_refused_if_the_target_is_too_long(String target) {
    assertThat(answerTo("GET " + target)).startsWith("HTTP/1.").contains(" 414 ");
  }

  @Test
  void are_told_the_limits() {
    assertThat(answerTo("GET /" + "%41".repeat(257)))
        .contains(
            "\"error\":\"invalid_request\"",
            "The request target is longer than 4096 characters or has more than 256"
                + " percent-escapes.");
  }

  static Stream<String> justShortEnough() {
    return Stream.of("/" + "a".repeat(4_000), "/" + "%41".repeat(256));
  }

  @ParameterizedTest
  @MethodSource("justShortEnough")
  void are_looked_for_if_the_target_is_just_short_enough(String target) {
    assertThat(answerTo("GET " + target)).startsWith("HTTP/1.1 404 ");
  }

  private String answerTo(String line) {
    try (FailureLog log = new FailureLog();
        RawConnection connection = new RawConnection(url)) {
      String answer =
          connection.send(line + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").rest();

      assertThat(log.failures()).isEmpty();
      return answer;
    }
  }
}
