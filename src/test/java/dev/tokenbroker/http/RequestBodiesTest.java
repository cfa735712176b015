package dev.tokenbroker.http;

import static dev.tokenbroker.http.LocalHttp.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.credential.CredentialSettings;
import dev.tokenbroker.door.ArrivingBytes;
import dev.tokenbroker.door.ArrivingBytes.Door;
import dev.tokenbroker.grpc.Eventually;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpVersion;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Bodies that arrive piece by piece, at a server that holds five parts of them at most, with the
 * heads of their requests, and one of one connection.
 */
class RequestBodiesTest {

  private static final String HEAD =
      "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 300\r\n";
  private static final String PART = "x".repeat(200);
  private static final String REST = "x".repeat(100);

  /** A request of which a part has arrived takes that, and its headers. */
  private static final int EACH = 4_096 + 200;

  private final Vertx vertx = Vertx.vertx();
  private final ArrivingBytes bytes = new ArrivingBytes(25_000);
  private final AtomicInteger whole = new AtomicInteger();
  private final URI url = serve(new RequestBodies(vertx, bytes, new Credentials(16_384, 1)));

  private record Credentials(int maxSizeBytes, int maxUsed) implements CredentialSettings {}

  private URI serve(RequestBodies bodies) {
    return LocalHttp.serve(
        vertx,
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
        });
  }

  @AfterEach
  void stop() {
    get(vertx.close());
  }

  @Test
  void reads_a_body_that_comes_in_pieces_and_keeps_nothing_of_it() {
    try (RawConnection client = new RawConnection(url)) {
      client.send(HEAD + "\r\n" + PART);
      assertThat(held(1)).isEqualTo(1);

      assertThat(client.send(REST).status()).isEqualTo(200);

      assertThat(whole).hasValue(300);
      assertThat(bytes.held(Door.HTTP)).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({"1024, 32768", "16384, 32768", "16385, 32769", "65536, 81920"})
  void reads_16_kib_beside_the_largest_credential_and_no_more(int maxSizeBytes, int most)
      throws Exception {
    URI roomy =
        serve(
            new RequestBodies(
                vertx, new ArrivingBytes(ArrivingBytes.MOST), new Credentials(maxSizeBytes, 1)));

    assertThat(statusOf(roomy, most)).isEqualTo(200);
    assertThat(whole).hasValue(most);
    assertThat(statusOf(roomy, most + 1)).isEqualTo(413);
  }

  private static int statusOf(URI url, int bodyBytes) {
    try (RawConnection client = new RawConnection(url)) {
      return client
          .send("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
          .send("%x\r\n%s\r\n0\r\n\r\n".formatted(bodyBytes, "x".repeat(bodyBytes)))
          .status();
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
  void tells_nothing_before_the_answer_to_a_client_of_http_1_0() {
    try (RawConnection client = new RawConnection(url)) {
      client.send(
          HEAD.replace("HTTP/1.1", "HTTP/1.0") + "Expect: 100-continue\r\n\r\n" + PART + REST);

      assertThat(client.firstLine()).isEqualTo("HTTP/1.0 200 OK");
    }
  }

  @Test
  void sends_the_one_away_whose_bytes_are_too_many_for_all_unless_they_come_whole() {
    List<RawConnection> slow = new ArrayList<>();
    try (RawConnection late = new RawConnection(url);
        RawConnection whole = new RawConnection(url)) {
      for (int at = 1; at <= 5; at++) {
        slow.add(new RawConnection(url).send(HEAD + "\r\n" + PART));
        assertThat(held(at)).isEqualTo(at);
      }

      assertThat(late.send(HEAD + "\r\n" + PART).status()).isEqualTo(429);
      assertThat(whole.send(HEAD + "\r\n" + PART + REST).status()).isEqualTo(200);

      assertThat(bytes.refused()).isEqualTo(1);
      slow.forEach(one -> assertThat(one.send(REST).status()).isEqualTo(200));
      assertThat(bytes.held(Door.HTTP)).isZero();
    } finally {
      slow.forEach(RawConnection::close);
    }
  }

  @Test
  void sends_the_one_away_whose_bytes_are_too_many_for_its_connection() {
    HttpClient client = LocalHttp.client(vertx, HttpVersion.HTTP_2);
    HttpClientRequest first = begin(client);
    assertThat(held(1)).isEqualTo(1);

    HttpClientRequest second = begin(client);
    assertThat(status(second)).isEqualTo(429);

    try (RawConnection other = new RawConnection(url)) {
      other.send(HEAD + "\r\n" + PART);
      assertThat(held(2)).isEqualTo(2);
      assertThat(other.send(REST).status()).isEqualTo(200);
    }
    Future<Void> _ = first.end(REST);
    assertThat(status(first)).isEqualTo(200);
    assertThat(bytes.held(Door.HTTP)).isZero();
  }

  /** A request of which a part has been sent. */
  private HttpClientRequest begin(HttpClient client) {
    HttpClientRequest request = get(client.request(LocalHttp.post(url, "/")));
    Future<Void> _ = request.setChunked(true).write(PART);
    return request;
  }

  private static int status(HttpClientRequest request) {
    return get(request.response()).statusCode();
  }

  @Test
  void counts_a_request_before_anything_of_its_body_has_come() {
    try (RawConnection client = new RawConnection(url)) {
      client.send(HEAD + "\r\n");
      assertThat(Eventually.see(() -> bytes.held(Door.HTTP), held -> held > 0))
          .isGreaterThan(EACH - PART.length());

      assertThat(client.send(PART + REST).status()).isEqualTo(200);
      assertThat(bytes.held(Door.HTTP)).isZero();
    }
  }

  @Test
  void forgets_what_a_client_sent_that_went_away() {
    try (RawConnection client = new RawConnection(url)) {
      client.send(HEAD + "\r\n" + PART);
      assertThat(held(1)).isEqualTo(1);
    }

    assertThat(Eventually.see(() -> bytes.held(Door.HTTP), held -> held == 0)).isZero();
    assertThat(whole).hasValue(0);
  }

  /** How many requests of which a part has arrived; as many as wanted, once they have. */
  private long held(long wanted) {
    return Eventually.see(() -> bytes.held(Door.HTTP) / EACH, held -> held == wanted);
  }
}
