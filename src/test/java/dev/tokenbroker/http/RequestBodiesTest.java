package dev.tokenbroker.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.door.ArrivingBytes;
import dev.tokenbroker.door.ArrivingBytes.Door;
import dev.tokenbroker.grpc.Eventually;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Bodies that arrive piece by piece, at a server that holds 1000 bytes of them at most. */
class RequestBodiesTest {

  private static final String HEAD =
      "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 700\r\n";
  private static final String PART = "x".repeat(600);
  private static final String REST = "x".repeat(100);

  private final Vertx vertx = Vertx.vertx();
  private final ArrivingBytes bytes = new ArrivingBytes(1_000);
  private final RequestBodies bodies = new RequestBodies(vertx, bytes);
  private final AtomicInteger whole = new AtomicInteger();
  private URI url;

  @BeforeEach
  void start() throws Exception {
    HttpServer server =
        vertx
            .createHttpServer()
            .requestHandler(
                request -> {
                  request.pause();
                  bodies.read(
                      request,
                      Duration.ofSeconds(20),
                      body -> {
                        whole.addAndGet(body.length);
                        request.response().end();
                      },
                      refused -> request.response().setStatusCode(refused.status()).end());
                })
            .listen(0, "localhost")
            .toCompletionStage()
            .toCompletableFuture()
            .get(20, TimeUnit.SECONDS);
    url = URI.create("http://localhost:" + server.actualPort());
  }

  @AfterEach
  void stop() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  @Test
  void reads_a_body_that_comes_in_pieces_and_keeps_nothing_of_it() {
    try (RawConnection client = new RawConnection(url)) {
      client.send(HEAD + "\r\n" + PART);
      assertThat(held(600)).isEqualTo(600);

      assertThat(client.send(REST).status()).isEqualTo(200);

      assertThat(whole).hasValue(700);
      assertThat(bytes.held(Door.HTTP)).isZero();
    }
  }

  @Test
  void tells_a_client_that_asks_first_to_go_on() {
    try (RawConnection client = new RawConnection(url)) {
      client.send(HEAD + "Expect: 100-continue\r\n\r\n");
      assertThat(client.firstLine()).isEqualTo("HTTP/1.1 100 Continue");

      assertThat(client.send(PART + REST).status()).isEqualTo(200);
    }
  }

  @Test
  void sends_the_one_away_whose_bytes_are_too_many_for_all() {
    try (RawConnection one = new RawConnection(url);
        RawConnection other = new RawConnection(url)) {
      one.send(HEAD + "\r\n" + PART);
      assertThat(held(600)).isEqualTo(600);

      assertThat(other.send(HEAD + "\r\n" + PART).status()).isEqualTo(429);

      assertThat(one.send(REST).status()).isEqualTo(200);
      assertThat(bytes.held(Door.HTTP)).isZero();
    }
  }

  @Test
  void forgets_what_a_client_sent_that_went_away() {
    try (RawConnection client = new RawConnection(url)) {
      client.send(HEAD + "\r\n" + PART);
      assertThat(held(600)).isEqualTo(600);
    }

    assertThat(held(0)).isZero();
    assertThat(whole).hasValue(0);
  }

  private long held(long wanted) {
    return Eventually.see(() -> bytes.held(Door.HTTP), held -> held == wanted);
  }
}
