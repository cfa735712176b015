package dev.tokenbroker.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.door.ArrivingBytes;
import dev.tokenbroker.door.ArrivingBytes.Door;
import dev.tokenbroker.door.UnreadAnswers;
import dev.tokenbroker.federation.Federations;
import dev.tokenbroker.grpc.BrokerClient.Answer;
import dev.tokenbroker.http.Http2Frames;
import dev.tokenbroker.http.Http2Frames.Frame;
import dev.tokenbroker.http.RawConnection;
import dev.tokenbroker.issuer.FakeIssuer;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.TokenBrokerGrpc;
import io.grpc.Status.Code;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import jakarta.inject.Inject;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Calls whose messages do not come whole. */
@QuarkusTest
@TestProfile(MessageArrivalsTest.ShortPatience.class)
class MessageArrivalsTest {

  private static final int MESSAGE = 256 * 1024;
  private static final int CALLS = 100;
  private static final int PART = 20_000;

  /** A call counts for so much, and its headers. */
  private static final int HEAD = 4_096;

  /** Together as long as a frame may be. */
  private static final int QUESTIONS = 400;

  /** So many at a time are given, others are sent away. */
  private static final int LARGE_ANSWERS = 8;

  /** Together more parts than may come in half a minute for streams that are forgotten. */
  private static final int REFUSED = 400;

  private static final int PARTS = 16;

  /** More than waits for a moment where a peer reads, and less than may be unread. */
  private static final long UNREAD = 256 * 1024;

  private static final String EXCHANGE =
      TokenBrokerGrpc.getExchangeTokenMethod().getFullMethodName();
  private static final String REFLECTION =
      "grpc.reflection.v1.ServerReflection/ServerReflectionInfo";

  /** A request must arrive within 1 s. */
  public static final class ShortPatience implements QuarkusTestProfile {

    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of("token-broker.exchange.max-duration", "1s");
    }
  }

  @Inject Federations federations;
  @Inject ArrivingBytes bytes;
  @Inject UnreadAnswers unread;
  @Inject Vertx vertx;
  @TestHTTPResource URI url;

  private final FakeIssuer issuer = FakeIssuer.start();
  private final FailureLog log = new FailureLog();
  private RawCalls calls;

  @BeforeEach
  void start() {
    new TestFederation().issuer("good", issuer.issuer()).load(federations);
    calls = new RawCalls(vertx, url);
  }

  @AfterEach
  void stop() {
    calls.close();
    log.close();
    issuer.close();
  }

  @Test
  void are_refused_after_a_while_however_much_of_them_has_come() {
    List<Buffer> parts =
        List.of(
            Buffer.buffer(),
            RawCalls.announced(0, MESSAGE),
            part(MESSAGE),
            RawCalls.frame(0, request().toByteArray()));
    List<CompletableFuture<Answer>> unfinished = new ArrayList<>();
    parts.forEach(part -> unfinished.add(unfinished(EXCHANGE, part)));
    unfinished.add(unfinished(REFLECTION, part(100)));

    unfinished.forEach(call -> assertTooSlow(call.join()));
    assertThatNothingIsLeft();
  }

  @Test
  void give_back_their_memory_and_hold_up_nobody_on_their_connection() {
    List<CompletableFuture<Answer>> unfinished = new ArrayList<>();
    for (int at = 0; at < CALLS; at++) {
      unfinished.add(unfinished(EXCHANGE, part(PART)));
    }
    assertThat(Eventually.see(() -> bytes.held(Door.GRPC), held -> held > CALLS / 2 * PART))
        .isGreaterThan(CALLS / 2 * PART);
    assertThat(granted()).isTrue();

    unfinished.forEach(call -> assertTooSlow(call.join()));
    assertThatNothingIsLeft();
  }

  @Test
  void are_counted_before_anything_of_their_messages_has_come() {
    CompletableFuture<Answer> unfinished = unfinished(EXCHANGE, Buffer.buffer());
    assertThat(Eventually.see(() -> bytes.held(Door.GRPC), held -> held > HEAD))
        .isGreaterThan(HEAD);

    assertTooSlow(unfinished.join());
    assertThatNothingIsLeft();
  }

  @Test
  void are_refused_at_once_where_their_heads_alone_are_too_much() {
    int others = (int) ArrivingBytes.MOST - HEAD;
    assertThat(bytes.hold(Door.GRPC, others)).isTrue();
    try {
      assertThat(unfinished(EXCHANGE, Buffer.buffer()).join().reason())
          .isEqualTo("BROKER_OVERLOADED");
      assertThat(granted()).isTrue();
    } finally {
      bytes.letGo(Door.GRPC, others);
    }
    assertThatNothingIsLeft();
  }

  /** As a proxy sends it that has not heard yet of the refusal. */
  @Test
  void end_no_connection_when_more_of_them_comes_though_they_were_refused() {
    int others = (int) ArrivingBytes.MOST - HEAD;
    assertThat(bytes.hold(Door.GRPC, others)).isTrue();
    try (RawConnection connection = new RawConnection(url)) {
      connection.send(Http2Frames.preface(Http2Frames.FIRST_WINDOW));
      for (int call = 0; call < REFUSED; call++) {
        int stream = 2 * call + 1;
        connection.send(Http2Frames.post(stream, "/" + EXCHANGE, "application/grpc"));
        await(connection, Http2Frames.RST_STREAM);
        for (int part = 0; part < PARTS; part++) {
          connection.send(Http2Frames.data(stream, new byte[1]));
        }
      }
      connection.send(Http2Frames.ping());
      await(connection, Http2Frames.PING);
    } finally {
      bytes.letGo(Door.GRPC, others);
    }
    assertThatNothingIsLeft();
  }

  private static void await(RawConnection connection, int type) {
    Frame frame = connection.frame();
    while (frame.type() != type) {
      assertThat(frame.type()).isNotEqualTo(Http2Frames.GOAWAY);
      frame = connection.frame();
    }
  }

  @Test
  void are_refused_at_once_where_all_hold_too_much() {
    int others = (int) ArrivingBytes.MOST - 2 * PART;
    assertThat(bytes.hold(Door.GRPC, others)).isTrue();
    try {
      CompletableFuture<Answer> kept = unfinished(EXCHANGE, part(PART));
      assertThat(Eventually.see(() -> bytes.held(Door.GRPC), held -> held > others + PART))
          .isGreaterThan(others + PART);

      Answer refused = unfinished(EXCHANGE, part(2 * PART)).join();

      assertThat(refused.code()).isEqualTo(Code.RESOURCE_EXHAUSTED);
      assertThat(refused.reason()).isEqualTo("BROKER_OVERLOADED");
      assertThat(refused.pushback()).matches("[1-9]\\d*");
      assertThat(granted()).isTrue();
      assertTooSlow(kept.join());
    } finally {
      bytes.letGo(Door.GRPC, others);
    }
    assertThatNothingIsLeft();
  }

  @Test
  void are_refused_at_once_where_their_connection_holds_too_much() {
    int most = (int) ArrivingBytes.MOST / 4;
    List<CompletableFuture<Answer>> unfinished = new ArrayList<>();
    for (int sent = 0; sent < 4 * most; sent += MESSAGE) {
      unfinished.add(unfinished(EXCHANGE, part(MESSAGE)));
    }

    assertThat(unfinished)
        .extracting(call -> call.join().reason())
        .contains("BROKER_OVERLOADED")
        .isSubsetOf("BROKER_OVERLOADED", "REQUEST_INVALID");
    assertThatNothingIsLeft();
  }

  @Test
  void are_forgotten_where_their_connection_is_lost() {
    CompletableFuture<Answer> lost = unfinished(EXCHANGE, part(1_000));
    assertThat(Eventually.see(() -> bytes.held(Door.GRPC), held -> held > 0)).isPositive();

    calls.close();

    assertThat(Eventually.see(() -> bytes.held(Door.GRPC), held -> held == 0)).isZero();
    assertThat(lost.handle((_, failure) -> failure).join()).isNotNull();
  }

  @Test
  void end_the_connection_of_a_peer_that_takes_no_answer() {
    try (DeafPeer peer = new DeafPeer(url)) {
      assertThat(Eventually.see(() -> unreadOf(peer), held -> held > UNREAD)).isGreaterThan(UNREAD);
      peer.begin(EXCHANGE, part(1_000).getBytes());
      assertThat(Eventually.see(() -> bytes.held(Door.GRPC), held -> held > 0)).isPositive();

      assertThat(Eventually.see(() -> bytes.held(Door.GRPC), held -> held == 0)).isZero();
      assertThat(Eventually.see(unread::held, held -> held == 0)).isZero();
      peer.untilClosed();
    }
    assertThatNothingIsLeft();
  }

  @Test
  void end_the_connection_of_a_peer_that_opens_no_window_though_it_is_never_idle() {
    try (DeafPeer peer = DeafPeer.withoutWindows(url)) {
      peer.get("/q/metrics");
      peer.get("/q/metrics");
      assertThat(Eventually.see(unread::held, held -> held > 0)).isPositive();

      peer.pingUntilClosed();
    }
    assertThat(Eventually.see(unread::held, held -> held == 0)).isZero();
    assertThatNothingIsLeft();
  }

  @Test
  void end_the_connection_of_a_peer_that_asks_reflection_more_than_it_takes() {
    byte[] question =
        ServerReflectionRequest.newBuilder()
            .setFileContainingSymbol(TokenBrokerGrpc.SERVICE_NAME)
            .build()
            .toByteArray();
    Buffer questions = Buffer.buffer();
    for (int at = 0; at < QUESTIONS; at++) {
      questions.appendBuffer(RawCalls.frame(0, question));
    }
    try (DeafPeer peer = DeafPeer.withFirstWindows(url)) {
      peer.begin(REFLECTION, questions.getBytes());
      assertThat(Eventually.see(unread::held, held -> held > QUESTIONS * 1_000))
          .isGreaterThan(QUESTIONS * 1_000);

      peer.pingUntilClosed();
    }
    assertThat(Eventually.see(unread::held, held -> held == 0)).isZero();
    assertThatNothingIsLeft();
  }

  /** What waits once it has asked for some more. */
  private long unreadOf(DeafPeer peer) {
    for (int at = 0; at < LARGE_ANSWERS; at++) {
      peer.get("/q/metrics");
    }
    return unread.held();
  }

  private CompletableFuture<Answer> unfinished(String method, Buffer body) {
    return CompletableFuture.supplyAsync(
        () -> calls.unfinished(method, Map.of(), body), Thread::startVirtualThread);
  }

  /** So many bytes of a message that has more. */
  private static Buffer part(int bytes) {
    return RawCalls.announced(0, MESSAGE).appendBytes(new byte[bytes - 5]);
  }

  private boolean granted() {
    Buffer whole = RawCalls.frame(0, request().toByteArray());
    return !calls.whole(EXCHANGE, Map.of(), whole).granted().getAccessToken().isEmpty();
  }

  private void assertThatNothingIsLeft() {
    assertThat(Eventually.see(() -> bytes.held(Door.GRPC), held -> held == 0)).isZero();
    assertThat(granted()).isTrue();
    assertThat(calls.connections()).isEqualTo(1);
    assertThat(log.failures()).isEmpty();
  }

  private static void assertTooSlow(Answer answer) {
    assertThat(answer.code()).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(answer.reason()).isEqualTo("REQUEST_INVALID");
    assertThat(answer.pushback()).isEqualTo("-1");
  }

  private ExchangeTokenRequest request() {
    return BrokerClient.exchangeOf(issuer.credential());
  }
}
