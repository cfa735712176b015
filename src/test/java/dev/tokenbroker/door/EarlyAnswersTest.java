package dev.tokenbroker.door;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.grpc.Eventually;
import dev.tokenbroker.http.Http2Frames;
import dev.tokenbroker.http.Http2Frames.Frame;
import dev.tokenbroker.http.RawConnection;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Requests over HTTP/2 that are answered and do not end. */
@QuarkusTest
class EarlyAnswersTest {

  private static final int STREAM = 1;
  private static final String SOME = "/q/health/live";
  private static final String NO_ERROR = "\0\0\0\0";
  private static final String FORM = "application/x-www-form-urlencoded";
  private static final int MOST_STREAMS = 1_000;

  /** Frames for streams that are forgotten, in half a minute. */
  private static final int MORE_THAN_ERRORS_BORNE = 6_000;

  @Inject CutOffRequests cutOff;
  @TestHTTPResource URI url;

  /** Of each kind: a resource, a route, one that there is not, what is not routed, and no URI. */
  static Stream<byte[]> unfinished() {
    return Stream.concat(
        Stream.of("/.well-known/jwks.json", SOME, "/none", "x", "?", "/verdicts/none", "/%zz")
            .map(path -> Http2Frames.begin(STREAM, path)),
        Stream.of(
            Http2Frames.post(STREAM, "/%zz", "application/grpc"), Http2Frames.connect(STREAM)));
  }

  @ParameterizedTest
  @MethodSource("unfinished")
  void end_the_streams_of_their_requests(byte[] request) {
    try (RawConnection connection = connect(Http2Frames.FIRST_WINDOW)) {
      connection.send(request);

      List<Frame> frames = until(connection, Http2Frames.RST_STREAM);

      assertThat(frames.getLast().stream()).isEqualTo(STREAM);
      assertThat(frames.getLast().payload()).isEqualTo(NO_ERROR);
      assertThat(frames).filteredOn(Frame::isLast).hasSize(1);
      assertThatItIsAnsweredStill(connection);
    }
  }

  @Test
  void do_so_once_their_peers_have_taken_them() {
    try (RawConnection connection = connect(0)) {
      connection.send(Http2Frames.begin(STREAM, SOME)).send(Http2Frames.ping());
      assertThat(until(connection, Http2Frames.PING)).noneMatch(Frame::isLast);

      connection.send(Http2Frames.moreWindow(STREAM, Http2Frames.FIRST_WINDOW));

      assertThat(until(connection, Http2Frames.RST_STREAM)).filteredOn(Frame::isLast).hasSize(1);
    }
  }

  /** As a proxy brings from clients that send head and body in two writes. */
  @Test
  void end_no_connection_on_which_the_rest_comes_after_all() {
    try (RawConnection connection = connect(Http2Frames.FIRST_WINDOW)) {
      connection.send(
          Http2Frames.moreWindow(Http2Frames.LARGEST_WINDOW - Http2Frames.FIRST_WINDOW));
      int stream = STREAM;
      for (int at = 0; at < MORE_THAN_ERRORS_BORNE; at++, stream += 2) {
        connection.send(Http2Frames.post(stream, "/none", "text/plain"));
        Frame end = until(connection, Http2Frames.RST_STREAM).getLast();
        assertThat(end.payload()).isEqualTo(NO_ERROR);
        connection.send(Http2Frames.last(stream, new byte[1]));
      }

      connection.send(Http2Frames.get(stream, SOME));
      assertThat(untilLast(connection))
          .noneMatch(frame -> frame.type() == Http2Frames.RST_STREAM)
          .noneMatch(frame -> frame.type() == Http2Frames.GOAWAY);
    }
  }

  /** As a proxy does that brings as many as it may, and the next as soon as one has ended. */
  @Test
  void leave_their_peers_all_the_streams_that_they_may_open() {
    try (RawConnection connection = connect(Http2Frames.FIRST_WINDOW)) {
      until(connection, Http2Frames.SETTINGS);
      connection.send(Http2Frames.settingsTaken());
      int stream = STREAM;
      for (int at = 1; at < MOST_STREAMS; at++, stream += 2) {
        connection.send(Http2Frames.post(stream, "/token", FORM));
      }
      for (int at = 0; at < 3; at++, stream += 4) {
        connection.send(Http2Frames.begin(stream, "/none"));
        assertThat(until(connection, Http2Frames.RST_STREAM).getLast().payload())
            .isEqualTo(NO_ERROR);
        connection
            .send(Http2Frames.post(stream + 2, "/token", FORM))
            .send(Http2Frames.last(stream + 2, new byte[1]));
        assertThat(untilLast(connection))
            .noneMatch(frame -> frame.type() == Http2Frames.RST_STREAM)
            .noneMatch(frame -> frame.type() == Http2Frames.GOAWAY);
      }
    }
  }

  @Test
  void are_kept_in_mind_within_bounds() {
    try (RawConnection connection = connect(Http2Frames.FIRST_WINDOW)) {
      connection.send(
          Http2Frames.moreWindow(Http2Frames.LARGEST_WINDOW - Http2Frames.FIRST_WINDOW));
      for (int at = 0; at < 200; at++) {
        connection.send(Http2Frames.begin(STREAM + 2 * at, "/none"));
        until(connection, Http2Frames.RST_STREAM);
      }
      assertThat(cutOff.held()).isBetween(1L, 200L * 4_096);

      assertThat(Eventually.see(cutOff::held, held -> held == 0)).isZero();
      connection.send(Http2Frames.begin(STREAM + 400, "/none"));
      until(connection, Http2Frames.RST_STREAM);
      assertThat(cutOff.held()).isPositive();
    }
    assertThat(Eventually.see(cutOff::held, held -> held == 0)).isZero();
  }

  @Test
  void leave_alone_what_comes_whole_whenever_it_is_answered() {
    try (RawConnection connection = connect(Http2Frames.FIRST_WINDOW)) {
      connection.send(Http2Frames.get(STREAM, SOME));
      assertThatItWasNotReset(connection);

      byte[] head = Http2Frames.begin(STREAM + 2, "/none");
      byte[] rest = Http2Frames.last(STREAM + 2, new byte[1_000]);
      connection.send(concatenated(head, rest));
      assertThatItWasNotReset(connection);
    }
  }

  @Test
  void leave_alone_calls_which_have_their_time() {
    try (RawConnection connection = connect(Http2Frames.FIRST_WINDOW)) {
      connection.send(Http2Frames.post(STREAM, "/acme.Other/None", "application/grpc"));
      assertThatItWasNotReset(connection);
    }
  }

  private void assertThatItWasNotReset(RawConnection connection) {
    assertThat(untilLast(connection)).noneMatch(frame -> frame.type() == Http2Frames.RST_STREAM);
    connection.send(Http2Frames.ping());
    assertThat(until(connection, Http2Frames.PING))
        .noneMatch(frame -> frame.type() == Http2Frames.RST_STREAM);
  }

  private void assertThatItIsAnsweredStill(RawConnection connection) {
    connection.send(Http2Frames.get(STREAM + 2, SOME));
    assertThat(untilLast(connection).getLast().stream()).isEqualTo(STREAM + 2);
  }

  private RawConnection connect(int window) {
    return new RawConnection(url).send(Http2Frames.preface(window));
  }

  private static List<Frame> until(RawConnection connection, int type) {
    List<Frame> frames = new ArrayList<>();
    do {
      frames.add(connection.frame());
    } while (frames.getLast().type() != type);
    return frames;
  }

  private static List<Frame> untilLast(RawConnection connection) {
    List<Frame> frames = new ArrayList<>();
    do {
      frames.add(connection.frame());
    } while (!frames.getLast().isLast());
    return frames;
  }

  private static byte[] concatenated(byte[] first, byte[] second) {
    byte[] both = new byte[first.length + second.length];
    System.arraycopy(first, 0, both, 0, first.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
