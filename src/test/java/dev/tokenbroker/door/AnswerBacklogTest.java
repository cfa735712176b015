package dev.tokenbroker.door;

import static dev.tokenbroker.http.LocalHttp.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.grpc.DeafPeer;
import dev.tokenbroker.grpc.Eventually;
import dev.tokenbroker.http.LocalHttp;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Peers that ask a server for a megabyte at a time and take none, or some, of it. */
class AnswerBacklogTest {

  private static final int ANSWER = 1 << 20;

  /** Less than a server takes that is not told otherwise. */
  private static final int REQUEST = 7_000;

  private static final Duration LONG = Duration.ofHours(1);
  private static final Duration SHORT = Duration.ofMillis(200);
  private static final long ENOUGH = 1L << 40;

  /** More than the buffers of a connection hold. */
  private static final int MANY = 40;

  /** As many as a server bears that is not told otherwise. */
  private static final int TAKEN_BACK = 150;

  private static final String NO_CONTENT = "/none";

  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void stop() {
    get(vertx.close());
  }

  @Test
  void ends_the_connection_of_a_peer_that_opens_no_window_though_it_is_never_idle() {
    var unread = new UnreadAnswers(ENOUGH);
    try (DeafPeer peer = DeafPeer.withoutWindows(start(unread, SHORT))) {
      peer.get("/");
      assertThat(Eventually.see(unread::held, held -> held >= ANSWER))
          .isGreaterThanOrEqualTo(ANSWER);

      peer.pingUntilClosed();
    }
    assertThatNothingIsLeftOf(unread);
  }

  @Test
  void ends_the_connection_of_a_peer_that_opens_no_window_once_too_much_waits() {
    var unread = new UnreadAnswers(4L * ANSWER);
    try (DeafPeer peer = DeafPeer.withoutWindows(start(unread, LONG))) {
      peer.get("/");
      assertThat(Eventually.see(unread::held, held -> held >= ANSWER))
          .isGreaterThanOrEqualTo(ANSWER);

      peer.get("/");
      peer.get("/");

      peer.pingUntilClosed();
    }
    assertThatNothingIsLeftOf(unread);
  }

  @Test
  void ends_the_connection_of_a_peer_that_does_not_read_once_too_much_waits() {
    var unread = new UnreadAnswers(4L * ANSWER);
    try (DeafPeer peer = new DeafPeer(start(unread, LONG))) {
      for (int at = 0; at < MANY; at++) {
        peer.get("/");
      }

      peer.untilClosed();
    }
    assertThatNothingIsLeftOf(unread);
  }

  @Test
  void ends_the_connection_of_a_peer_of_http_1_that_does_not_read_after_a_while() {
    var unread = new UnreadAnswers(ENOUGH);
    try (DeafPeer peer = DeafPeer.overHttp1(start(unread, SHORT))) {
      peer.pipeline("/", MANY);
      assertThat(Eventually.see(unread::held, held -> held > 0)).isPositive();

      assertThatNothingIsLeftOf(unread);
      peer.untilClosed();
    }
  }

  @Test
  void ends_the_connection_of_a_peer_of_http_1_that_does_not_read_once_too_much_waits() {
    var unread = new UnreadAnswers(4L * ANSWER);
    try (DeafPeer peer = DeafPeer.overHttp1(start(unread, LONG))) {
      peer.pipeline("/", MANY);

      peer.untilClosed();
    }
    assertThatNothingIsLeftOf(unread);
  }

  @Test
  void ends_the_connection_of_a_peer_whose_answers_keep_requests_that_are_too_much() {
    var unread = new UnreadAnswers(2L * ANSWER);
    try (DeafPeer peer = DeafPeer.withoutWindows(start(unread, LONG, 1))) {
      peer.get("/", REQUEST, 1);
      peer.get("/", REQUEST, 10);
      assertThat(Eventually.see(unread::held, held -> held > 10 * REQUEST))
          .isGreaterThan(10 * REQUEST);

      peer.get("/", REQUEST, 4 * MANY);

      peer.pingUntilClosed();
    }
    assertThatNothingIsLeftOf(unread);
  }

  @Test
  void forgets_requests_whose_answers_are_taken_back() {
    var unread = new UnreadAnswers(ENOUGH);
    try (DeafPeer peer = DeafPeer.withoutWindows(start(unread, LONG, 1))) {
      peer.get("/");
      peer.get("/", REQUEST, 1);
      assertThat(Eventually.see(unread::held, held -> held > REQUEST)).isGreaterThan(REQUEST);

      peer.reset();
      peer.ping();

      assertThat(Eventually.see(unread::held, held -> held < REQUEST)).isPositive();
      assertThat(unread.held()).isLessThan(REQUEST);
    }
    assertThatNothingIsLeftOf(unread);
  }

  @Test
  void counts_requests_that_are_taken_back_while_their_answers_wait_for_the_socket() {
    var unread = new UnreadAnswers(ENOUGH);
    try (DeafPeer peer = new DeafPeer(start(unread, LONG))) {
      peer.get("/", MANY);
      long full = settled(unread);

      for (int at = 0; at < TAKEN_BACK; at++) {
        peer.get(NO_CONTENT, REQUEST, 1);
        peer.reset();
      }

      long more = full + (long) TAKEN_BACK * REQUEST;
      assertThat(Eventually.see(unread::held, held -> held >= more)).isGreaterThanOrEqualTo(more);
    }
    assertThatNothingIsLeftOf(unread);
  }

  @Test
  void waits_for_a_peer_that_takes_its_time_and_forgets_what_it_has_taken() {
    var unread = new UnreadAnswers(4L * ANSWER);
    URI url = start(unread, LONG);
    HttpClient client = LocalHttp.client(vertx, HttpVersion.HTTP_2);

    for (int at = 0; at < MANY; at++) {
      HttpClientRequest request =
          get(client.request(HttpMethod.GET, url.getPort(), url.getHost(), "/"));
      // Before anything is sent: what arrives while nobody listens is lost.
      Future<HttpClientResponse> paused = request.response().onSuccess(HttpClientResponse::pause);
      get(request.end());
      HttpClientResponse head = get(paused);
      assertThat(Eventually.see(unread::held, held -> held > 0)).isPositive();
      Future<Buffer> body = head.body();
      head.resume();
      assertThat(get(body).length()).isEqualTo(ANSWER);
      assertThatNothingIsLeftOf(unread);
    }
  }

  @Test
  void forgets_answers_that_are_taken_back() {
    var unread = new UnreadAnswers(ENOUGH);
    try (DeafPeer peer = DeafPeer.withoutWindows(start(unread, LONG))) {
      peer.get("/");
      assertThat(Eventually.see(unread::held, held -> held >= ANSWER))
          .isGreaterThanOrEqualTo(ANSWER);

      peer.reset();
      peer.ping();

      assertThatNothingIsLeftOf(unread);
    }
  }

  /** A server that answers everything by so many bytes. */
  private URI start(UnreadAnswers unread, Duration patience) {
    return start(unread, patience, ANSWER);
  }

  private URI start(UnreadAnswers unread, Duration patience, int bytes) {
    Buffer answer = Buffer.buffer(new byte[bytes]);
    return LocalHttp.serve(
        vertx,
        request -> {
          var channel = ((ConnectionBase) request.connection()).channel();
          if (channel.pipeline().get(AnswerBacklog.class) == null) {
            AnswerBacklog.watch(channel, unread, patience);
            UnwatchedAnswers.leaveToOthers(channel.pipeline());
          }
          Future<Void> _ =
              NO_CONTENT.equals(request.path())
                  ? request.response().end()
                  : request.response().end(answer);
        });
  }

  /** How much waits once the socket takes no more. */
  private static long settled(UnreadAnswers unread) {
    AtomicLong before = new AtomicLong();
    return Eventually.see(unread::held, held -> before.getAndSet(held) == held && held > ANSWER);
  }

  private static void assertThatNothingIsLeftOf(UnreadAnswers unread) {
    assertThat(Eventually.see(unread::held, held -> held == 0)).isZero();
  }
}
