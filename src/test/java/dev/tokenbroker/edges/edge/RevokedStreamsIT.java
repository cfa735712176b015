package dev.tokenbroker.edges.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.console.LiveClient;
import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All streams that there may be, held by operators whose tokens are then revoked. */
@Tag("packaged")
class RevokedStreamsIT {

  private static final int OPERATORS = 8;
  private static final int EACH = 8;
  private static final Duration LATEST = Duration.ofSeconds(5);

  @TempDir Path directory;

  @AutoClose private final FakeIssuer issuer = FakeIssuer.start();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final List<LiveClient> streams = new ArrayList<>();
  @AutoClose private BrokerProcess broker;
  @AutoClose private BrokerClient client;

  @BeforeEach
  void start() {
    broker =
        new BrokerProcess.Setup(
                Documents.write(
                    directory,
                    Documents.granting("payments-api", issuer)
                        .replace(
                            "rules:",
                            "rules:\n  - {name: operators, issuer: good, audience: token-broker,"
                                + " when: 'true', scopes: [operate, revoke]}")))
            .start();
    client = broker.client();
  }

  @AfterEach
  void stop() {
    streams.forEach(LiveClient::close);
    http.shutdownNow();
  }

  @Test
  void all_end_in_five_seconds_and_a_waiting_operator_gets_a_place() throws Exception {
    List<String> operators =
        IntStream.range(0, OPERATORS).mapToObj(at -> token("operator-" + at, "operate")).toList();
    String ninth = token("ninth", "operate");
    String revoker = token("revoker", "revoke");
    for (String operator : operators) {
      for (int at = 0; at < EACH; at++) {
        LiveClient stream = open(operator, at % 2 == 0 ? "/live" : "/changes");
        streams.add(stream);
        assertThat(stream.answer().statusCode()).isEqualTo(200);
      }
    }
    for (String path : List.of("/live", "/changes")) {
      assertRefused(operators.getFirst(), path, "CALLER_STREAMS_FULL");
      assertRefused(token("operator-0", "operate"), path, "CALLER_STREAMS_FULL");
      assertRefused(ninth, path, "STREAMS_FULL");
    }

    long begin = System.nanoTime();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Long>> ended =
          streams.stream().map(stream -> threads.submit(() -> nanosToEnd(stream, begin))).toList();
      operators.forEach(operator -> revoke(operator, revoker));
      try (LiveClient live = open(ninth, "/live");
          LiveClient changes = open(ninth, "/changes")) {
        assertThat(live.answer().statusCode()).isEqualTo(200);
        assertThat(changes.answer().statusCode()).isEqualTo(200);
        for (Future<Long> one : ended) {
          assertThat(one.get(LATEST.toSeconds() + 1, TimeUnit.SECONDS))
              .isLessThan(LATEST.toNanos());
        }
        assertThat(live.next("state").isEmpty()).isFalse();
      }
    }
    for (String operator : operators) {
      try (LiveClient revoked = open(operator, "/live")) {
        assertThat(revoked.answer().statusCode()).isEqualTo(401);
      }
    }
    // The subject is not banned: a new token of it has all of its places.
    try (LiveClient again = open(token("operator-0", "operate"), "/changes")) {
      assertThat(again.answer().statusCode()).isEqualTo(200);
    }
  }

  private void assertRefused(String operator, String path, String reason) {
    try (LiveClient refused = open(operator, path)) {
      assertThat(refused.answer().statusCode()).isEqualTo(429);
      assertThat(refused.answer().headers().firstValue("retry-after")).isPresent();
      assertThat(refused.reason()).isEqualTo(reason);
    }
  }

  private static long nanosToEnd(LiveClient stream, long begin) {
    assertThat(stream.ends()).as("in order").isTrue();
    return System.nanoTime() - begin;
  }

  private void revoke(String token, String revoker) {
    assertThat(
            Http.post(broker.uri("/revoke"), "token=" + token, "Authorization", "Bearer " + revoker)
                .statusCode())
        .isEqualTo(200);
  }

  private LiveClient open(String operator, String path) {
    return LiveClient.openAt(http, broker.uri(path), operator);
  }

  private String token(String subject, String scope) {
    return client.brokerToken(issuer.credential(claims -> claims.put("sub", subject)), scope);
  }
}
