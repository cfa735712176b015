package dev.tokenbroker.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.grpc.FailureLog;
import dev.tokenbroker.http.Http2Frames.Frame;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that do not say what they are for. */
@QuarkusTest
class RequestTargetTest {

  private static final int STREAM = 1;
  private static final String CHECK = "grpc.health.v1.Health/Check";
  private static final String NO_SUCH = "acme.Other/None";
  private static final byte[] EMPTY_MESSAGE = new byte[5];
  private static final String OK = "0";
  private static final String UNIMPLEMENTED = "12";

  @TestHTTPResource URI url;

  @ParameterizedTest
  @ValueSource(strings = {"GET ?secret", "GET ?", "POST ?"})
  void are_refused_quietly_over_http_1(String line) {
    try (FailureLog log = new FailureLog();
        RawConnection connection = new RawConnection(url)) {
      String answer = connection.send(line + " HTTP/1.1\r\nHost: a\r\n\r\n").rest();

      assertThat(answer)
          .startsWith("HTTP/1.1 400 ")
          .contains("\"error\":\"invalid_request\"")
          .doesNotContain("Exception");
      assertThat(log.failures()).isEmpty();
    }
  }

  static Stream<byte[]> unclear() {
    return Stream.of(
        Http2Frames.get(STREAM, "?secret"),
        Http2Frames.getOfNobody(STREAM, "/.well-known/jwks.json"),
        Http2Frames.getOfNobody(STREAM, "?"));
  }

  @ParameterizedTest
  @MethodSource("unclear")
  void are_refused_quietly_over_http_2(byte[] request) throws Http2Exception {
    try (FailureLog log = new FailureLog();
        RawConnection connection = connect()) {
      connection.send(request);

      assertThat(head(connection).status()).hasToString("400");
      assertThat(connection.frame().payload()).contains("\"error\":\"invalid_request\"");
      assertThat(log.failures()).isEmpty();
    }
  }

  /** Those that are no URI the framework answers by itself. */
  static Stream<byte[]> unreadable() {
    return Stream.of(
        Http2Frames.get(STREAM, "/%zz"),
        Http2Frames.get(STREAM, "/q/%"),
        Http2Frames.get(STREAM, "%zz"),
        Http2Frames.post(STREAM, "/%zz", "application/grpc"),
        Http2Frames.connect(STREAM));
  }

  @ParameterizedTest
  @MethodSource("unreadable")
  void are_refused_quietly_where_they_are_no_uri(byte[] request) throws Http2Exception {
    try (FailureLog log = new FailureLog();
        RawConnection connection = connect()) {
      connection.send(request);

      assertThat(head(connection).status()).hasToString("400");
      assertThat(log.failures()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET x", "OPTIONS *"})
  void are_found_nowhere_where_they_name_another_thing(String line) {
    try (FailureLog log = new FailureLog();
        RawConnection connection = new RawConnection(url)) {
      assertThat(connection.send(line + " HTTP/1.1\r\nHost: a\r\n\r\n").status()).isEqualTo(404);
      assertThat(log.failures()).isEmpty();
    }
  }

  @Test
  void are_calls_where_only_the_authority_is_missing() throws Http2Exception {
    try (FailureLog log = new FailureLog();
        RawConnection connection = connect()) {
      connection
          .send(Http2Frames.callOfNobody(STREAM, "/" + CHECK))
          .send(Http2Frames.last(STREAM, EMPTY_MESSAGE));

      assertThat(head(connection).status()).hasToString("200");
      assertThat(connection.frame().type()).isEqualTo(Http2Frames.DATA);
      assertThat(status(head(connection))).isEqualTo(OK);
      assertThat(log.failures()).isEmpty();
    }
  }

  static Stream<String> tooLong() {
    return Stream.of("/" + "a".repeat(4_096), "/?" + "a".repeat(4_095), "/" + "%41".repeat(257));
  }

  @ParameterizedTest
  @MethodSource("tooLong")
  void are_refused_where_they_are_too_long(String path) throws Http2Exception {
    try (FailureLog log = new FailureLog();
        RawConnection connection = connect()) {
      connection.send(Http2Frames.get(STREAM, path));

      assertThat(head(connection).status()).hasToString("414");
      assertThat(connection.frame().payload()).contains("\"error\":\"invalid_request\"");
      assertThat(log.failures()).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("tooLong")
  void are_refused_in_the_manner_of_calls_where_they_are_too_long(String path)
      throws Http2Exception {
    try (FailureLog log = new FailureLog();
        RawConnection connection = connect()) {
      connection.send(Http2Frames.post(STREAM, path, "application/grpc"));

      assertThat(status(head(connection))).isEqualTo(UNIMPLEMENTED);
      assertThat(log.failures()).isEmpty();
    }
  }

  static Stream<String> justShortEnough() {
    return Stream.of("/" + "a".repeat(4_095), "/" + "%41".repeat(256));
  }

  @ParameterizedTest
  @MethodSource("justShortEnough")
  void are_looked_for_where_they_are_just_short_enough(String path) throws Http2Exception {
    try (RawConnection connection = connect()) {
      connection.send(Http2Frames.get(STREAM, path));

      assertThat(head(connection).status()).hasToString("404");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"?", "x", "?secret", "/" + NO_SUCH})
  void are_refused_in_the_manner_of_calls(String path) throws Http2Exception {
    try (FailureLog log = new FailureLog();
        RawConnection connection = connect()) {
      connection.send(Http2Frames.post(STREAM, path, "application/grpc"));

      assertThat(status(head(connection))).isEqualTo(UNIMPLEMENTED);
      assertThat(log.failures()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://a/x", "http://a/" + CHECK, "http://a"})
  void are_refused_in_the_manner_of_calls_where_only_their_path_names_a_host(String path)
      throws Http2Exception {
    try (FailureLog log = new FailureLog();
        RawConnection connection = connect()) {
      connection.send(Http2Frames.callOfNobody(STREAM, path));

      assertThat(status(head(connection))).isEqualTo(UNIMPLEMENTED);
      assertThat(log.failures()).isEmpty();
    }
  }

  private RawConnection connect() {
    return new RawConnection(url).send(Http2Frames.preface(Http2Frames.FIRST_WINDOW));
  }

  private static String status(Http2Headers head) {
    return String.valueOf(head.get("grpc-status"));
  }

  /** The next head, or trailers, of an answer. */
  private static Http2Headers head(RawConnection connection) throws Http2Exception {
    Frame frame = connection.frame();
    while (frame.type() != Http2Frames.HEADERS) {
      frame = connection.frame();
    }
    return new DefaultHttp2HeadersDecoder(false)
        .decodeHeaders(STREAM, Unpooled.wrappedBuffer(frame.block()));
  }
}
