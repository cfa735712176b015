package dev.tokenbroker.door;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.door.ArrivingBytes.Door;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Http1RequestsTest {

  private static final int MOST = 16;

  private final Http1Requests requests = new Http1Requests();
  private final EmbeddedChannel connection = new EmbeddedChannel(requests);

  @AfterEach
  void stop() {
    boolean _ = connection.finishAndReleaseAll();
  }

  @Test
  void are_let_through_as_long_as_they_are_answered() {
    for (int at = 0; at < 3 * MOST; at++) {
      assertThat(letsThrough(request())).isTrue();
      boolean _ = connection.writeInbound(LastHttpContent.EMPTY_LAST_CONTENT);
      answer();
    }
    assertThat(connection.isOpen()).isTrue();
  }

  @Test
  void are_ended_after_the_answers_to_those_before_once_too_many_wait() {
    for (int at = 0; at < MOST; at++) {
      assertThat(letsThrough(request())).isTrue();
    }

    assertThat(letsThrough(request())).isFalse();
    for (int at = 0; at < MOST; at++) {
      assertThat(connection.isOpen()).isTrue();
      assertThat(letsThrough(request())).isFalse();
      answer();
    }
    assertThat(connection.isOpen()).isFalse();
  }

  @Test
  void are_ended_where_there_is_no_room_for_those_that_wait() {
    ArrivingBytes bytes = new ArrivingBytes(40_000);
    assertThat(letsThrough(request())).isTrue();
    requests.countBy(bytes.share(Door.HTTP, connection));

    assertThat(letsThrough(request())).as("within a quarter of the room").isTrue();
    assertThat(letsThrough(request())).as("within a quarter of the room").isTrue();
    assertThat(letsThrough(request())).isFalse();
    assertThat(bytes.held(Door.HTTP)).isBetween(8_192L, 9_000L);
    assertThat(bytes.refused()).isOne();

    answer();
    answer();
    assertThat(bytes.held(Door.HTTP)).isBetween(4_096L, 4_500L);
    answer();
    assertThat(bytes.held(Door.HTTP)).isZero();
    assertThat(connection.isOpen()).isFalse();
  }

  @Test
  void are_ended_where_there_is_no_room_for_the_bodies_of_those_that_wait() {
    ArrivingBytes bytes = new ArrivingBytes(40_000);
    assertThat(letsThrough(request())).isTrue();
    requests.countBy(bytes.share(Door.HTTP, connection));
    Http1Requests.leaveToReader(connection);
    assertThat(letsThrough(body(3_000))).isTrue();
    assertThat(bytes.held(Door.HTTP)).as("counted by who reads it").isZero();

    assertThat(letsThrough(request())).isTrue();
    assertThat(letsThrough(body(3_000))).as("within a quarter of the room").isTrue();
    assertThat(bytes.held(Door.HTTP)).isBetween(7_096L, 7_500L);
    HttpContent more = body(3_000);
    assertThat(letsThrough(more)).isFalse();
    assertThat(letsThrough(LastHttpContent.EMPTY_LAST_CONTENT)).isFalse();
    assertThat(letsThrough(request())).isFalse();

    assertThat(more.refCnt()).isZero();
    assertThat(bytes.held(Door.HTTP)).isBetween(7_096L, 7_500L);
    assertThat(bytes.refused()).isOne();
    assertThat(connection.isOpen()).isTrue();
    answer();
    assertThat(connection.isOpen()).as("the other has not come whole").isFalse();
    assertThat(bytes.held(Door.HTTP)).isZero();
  }

  @Test
  void hold_more_of_a_part_of_a_body_than_its_bytes() {
    ArrivingBytes bytes = new ArrivingBytes(40_000);
    assertThat(letsThrough(request())).isTrue();
    requests.countBy(bytes.share(Door.HTTP, connection));
    assertThat(letsThrough(request())).isTrue();

    int parts = 0;
    while (letsThrough(body(1))) {
      parts++;
    }

    assertThat(parts).isBetween(1, 50);
    assertThat(bytes.refused()).isOne();
  }

  @Test
  void hold_the_body_of_the_first_one_until_it_is_read() {
    ArrivingBytes bytes = new ArrivingBytes(40_000);
    assertThat(letsThrough(request())).isTrue();
    requests.countBy(bytes.share(Door.HTTP, connection));
    assertThat(letsThrough(body(3_000))).isTrue();
    assertThat(bytes.held(Door.HTTP)).isBetween(3_000L, 3_500L);

    Http1Requests.leaveToReader(connection);

    assertThat(bytes.held(Door.HTTP)).isZero();
    assertThat(letsThrough(body(30_000))).isTrue();
    assertThat(bytes.held(Door.HTTP)).isZero();
  }

  @Test
  void leave_one_that_waited_to_who_reads_it_once_it_is_the_first() {
    ArrivingBytes bytes = new ArrivingBytes(40_000);
    assertThat(letsThrough(request())).isTrue();
    requests.countBy(bytes.share(Door.HTTP, connection));
    assertThat(letsThrough(request())).isTrue();
    assertThat(letsThrough(body(3_000))).isTrue();
    answer();
    assertThat(bytes.held(Door.HTTP)).isGreaterThan(7_096L);

    Http1Requests.leaveToReader(connection);

    assertThat(bytes.held(Door.HTTP)).isZero();
  }

  @Test
  void are_ended_after_the_answer_to_the_first_one_where_there_is_no_room_for_its_body() {
    ArrivingBytes bytes = new ArrivingBytes(40_000);
    assertThat(letsThrough(request())).isTrue();
    requests.countBy(bytes.share(Door.HTTP, connection));

    assertThat(letsThrough(body(6_000))).as("within a quarter of the room").isTrue();
    assertThat(letsThrough(body(6_000))).isFalse();
    assertThat(letsThrough(LastHttpContent.EMPTY_LAST_CONTENT)).isFalse();
    assertThat(bytes.refused()).isOne();
    assertThat(connection.isOpen()).isTrue();

    answer();
    assertThat(connection.isOpen()).isFalse();
    assertThat(bytes.held(Door.HTTP)).isZero();
  }

  @Test
  void hold_nothing_of_a_body_whose_request_is_answered() {
    ArrivingBytes bytes = new ArrivingBytes(40_000);
    assertThat(letsThrough(request())).isTrue();
    requests.countBy(bytes.share(Door.HTTP, connection));
    assertThat(letsThrough(body(3_000))).isTrue();

    answer();

    assertThat(bytes.held(Door.HTTP)).isZero();
    assertThat(letsThrough(body(30_000))).isTrue();
    assertThat(bytes.held(Door.HTTP)).isZero();
  }

  @Test
  void let_go_of_their_bodies_once_they_are_answered() {
    ArrivingBytes bytes = new ArrivingBytes(40_000);
    assertThat(letsThrough(request())).isTrue();
    requests.countBy(bytes.share(Door.HTTP, connection));

    for (int at = 0; at < 3 * MOST; at++) {
      assertThat(letsThrough(request())).isTrue();
      assertThat(letsThrough(body(1_000))).isTrue();
      assertThat(letsThrough(body(1_000))).isTrue();
      assertThat(bytes.held(Door.HTTP)).isGreaterThan(6_000L);
      answer();
      answer();
      assertThat(bytes.held(Door.HTTP)).isZero();
      assertThat(letsThrough(request())).isTrue();
    }
  }

  @Test
  void hold_nothing_once_their_connection_is_lost() {
    ArrivingBytes bytes = new ArrivingBytes(40_000);
    requests.countBy(bytes.share(Door.HTTP, connection));
    assertThat(letsThrough(request())).isTrue();
    assertThat(letsThrough(request())).isTrue();
    assertThat(bytes.held(Door.HTTP)).isPositive();

    var _ = connection.close();

    assertThat(bytes.held(Door.HTTP)).isZero();
  }

  @Test
  void are_not_answered_by_an_interim_answer() {
    assertThat(letsThrough(request())).isTrue();
    assertThat(letsThrough(new DefaultHttpRequest(version("HTTP/1.2"), HttpMethod.GET, "/")))
        .isFalse();

    write(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE));
    write(new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK));
    assertThat(connection.isOpen()).isTrue();

    write(LastHttpContent.EMPTY_LAST_CONTENT);
    HttpResponse last = connection.readOutbound();
    assertThat(last.status()).isEqualTo(HttpResponseStatus.HTTP_VERSION_NOT_SUPPORTED);
    assertThat(connection.isOpen()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "HTTP/1.1, close",
    "HTTP/1.1, 'close, x'",
    "HTTP/1.0, x",
    "HTTP/1.0, 'keep-alive, x'",
    "HTTP/1.0, 'keep-alive, close'"
  })
  void are_forgotten_with_their_bytes_after_one_that_is_the_last(String version, String option) {
    HttpRequest last = new DefaultHttpRequest(version(version), HttpMethod.GET, "/");
    last.headers().set(HttpHeaderNames.CONNECTION, option);
    ByteBuf ofLast = Unpooled.buffer(1).writeZero(1);
    ByteBuf after = Unpooled.buffer(1).writeZero(1);

    assertThat(letsThrough(last)).isTrue();
    assertThat(connection.writeInbound(new DefaultHttpContent(ofLast))).isTrue();
    assertThat(connection.<DefaultHttpContent>readInbound().content()).isSameAs(ofLast);
    assertThat(letsThrough(request())).isFalse();
    assertThat(connection.writeInbound(new DefaultHttpContent(after))).isFalse();

    assertThat(after.refCnt()).isZero();
    assertThat(connection.isOpen()).isTrue();
    answer();
    assertThat(connection.isOpen()).isFalse();
  }

  @Test
  void are_forgotten_after_an_answer_that_says_it_is_the_last() {
    assertThat(letsThrough(request())).isTrue();
    assertThat(requests.isLastAnswered()).isFalse();
    write(lastAnswer());
    assertThat(requests.isLastAnswered()).isTrue();
    assertThat(connection.isOpen()).as("left to who answers").isTrue();

    assertThat(letsThrough(LastHttpContent.EMPTY_LAST_CONTENT)).isTrue();
    assertThat(letsThrough(request())).isFalse();
    assertThat(connection.isOpen()).isFalse();
  }

  @Test
  void are_ended_by_an_answer_that_says_it_is_the_last_while_others_wait() {
    assertThat(letsThrough(request())).isTrue();
    assertThat(letsThrough(request())).isTrue();

    write(lastAnswer());

    assertThat(requests.isLastAnswered()).isTrue();
    assertThat(connection.isOpen()).isFalse();
  }

  @Test
  void are_answered_gently_where_the_first_one_cannot_be_read() {
    HttpRequest unreadable = request();
    unreadable.setDecoderResult(DecoderResult.failure(new TooLongHttpHeaderException()));

    assertThat(letsThrough(unreadable)).isTrue();

    assertThat(connection.pipeline().first()).isInstanceOf(LingeringClose.class);
  }

  private static HttpResponse lastAnswer() {
    HttpResponse answer =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE);
    answer.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    return answer;
  }

  private static HttpVersion version(String text) {
    return HttpVersion.valueOf(text);
  }

  private static HttpRequest request() {
    return new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/");
  }

  private static HttpContent body(int bytes) {
    return new DefaultHttpContent(Unpooled.buffer(bytes).writeZero(bytes));
  }

  private boolean letsThrough(Object message) {
    boolean _ = connection.writeInbound(message);
    return connection.<Object>readInbound() != null;
  }

  private void answer() {
    write(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK));
  }

  /** Without its own end, so that only what else is written is there to be read. */
  private void write(Object message) {
    boolean _ = connection.writeOutbound(message);
    assertThat(connection.<Object>readOutbound()).isSameAs(message);
  }
}
