package dev.tokenbroker.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.door.CallsOffLoop;
import dev.tokenbroker.door.CallsOffLoop.Kind;
import dev.tokenbroker.grpc.Eventually;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
class WorkerRoutesTest {

  @Inject CallsOffLoop calls;
  @TestHTTPResource URI url;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/q/metrics",
        "/q/metrics/",
        "/%71/metrics",
        "/verdicts/some",
        "/verdicts;a/some",
        "/verdicts/some;a"
      })
  void send_away_those_for_whom_no_worker_is_left_and_no_check_of_health(String path) {
    takeAll(kind(path));
    try {
      HttpResponse<String> sentAway = get(path);

      assertThat(sentAway.statusCode()).isEqualTo(503);
      assertThat(sentAway.headers().firstValue("retry-after").orElse("")).matches("[1-9]\\d*");
      assertThat(sentAway.body()).contains("BROKER_OVERLOADED");
      assertThat(get("/q/health/live").statusCode()).isEqualTo(200);
    } finally {
      leaveAll(kind(path));
    }
    assertThat(get(path).statusCode()).isNotEqualTo(503);
  }

  @Test
  void shut_out_no_scrape_where_all_the_places_of_verdicts_are_taken() {
    takeAll(Kind.VERDICT);
    try {
      assertThat(get("/q/metrics").statusCode()).isEqualTo(200);
    } finally {
      leaveAll(Kind.VERDICT);
    }
  }

  @Test
  void give_back_the_places_of_those_who_wait_for_their_answers_and_of_those_who_do_not() {
    for (int at = 0; at < Kind.METERS.most(); at++) {
      try (RawConnection leaving = new RawConnection(url)) {
        leaving.send("GET /q/metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
      }
    }

    assertThat(Eventually.see(() -> get("/q/metrics").statusCode(), status -> status == 200))
        .isEqualTo(200);
    assertThat(Eventually.see(() -> placesLeft(Kind.METERS), left -> left == Kind.METERS.most()))
        .isEqualTo(Kind.METERS.most());
  }

  private static Kind kind(String path) {
    return path.startsWith("/verdicts") ? Kind.VERDICT : Kind.METERS;
  }

  private int placesLeft(Kind kind) {
    int left = 0;
    while (calls.enter(kind)) {
      left++;
    }
    for (int at = 0; at < left; at++) {
      calls.leave(kind);
    }
    return left;
  }

  private void takeAll(Kind kind) {
    assertThat(Eventually.see(() -> placesLeft(kind), left -> left == kind.most()))
        .isEqualTo(kind.most());
    for (int at = 0; at < kind.most(); at++) {
      assertThat(calls.enter(kind)).isTrue();
    }
  }

  private void leaveAll(Kind kind) {
    for (int at = 0; at < kind.most(); at++) {
      calls.leave(kind);
    }
  }

  private HttpResponse<String> get(String path) {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(url.resolve(path)).build(), BodyHandlers.ofString());
    } catch (IOException | InterruptedException broken) {
      throw new AssertionError(broken);
    }
  }
}
