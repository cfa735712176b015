package dev.tokenbroker.edges.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.edges.grpc.GrpcPort;
import dev.tokenbroker.edges.grpc.TestFederation;
import dev.tokenbroker.edges.http.guard.RawConnection;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Fifty operators watch while 500 exchanges a second run over gRPC. One of them never reads, and
 * one vanishes. The state is large, so that the one that never reads fills what its connection can
 * hold.
 */
@QuarkusTest
@TestProfile(WatchingOperatorsStorm.ShortIdleTime.class)
@Timeout(180)
class WatchingOperatorsStorm {

  private static final int OPERATORS = 50;
  private static final int STREAMS = 64;
  private static final int PER_OPERATOR = 8;
  private static final int RULES = 480;

  /** How much later than the slowest call of all a line may come: a busy machine delays both. */
  private static final Duration LATER = Duration.ofSeconds(5);

  @Inject Federations federations;
  @TestHTTPResource URI url;

  @AutoClose private final FakeIssuer issuer = FakeIssuer.start();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  @AutoClose private BrokerClient client;

  /** The tokens of subjects of which each may have eight streams. */
  private List<String> operators;

  /** A broker that soon closes the connection of a reader that takes nothing. */
  public static final class ShortIdleTime implements QuarkusTestProfile {

    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of("quarkus.http.idle-timeout", "10s");
    }
  }

  @BeforeEach
  void start() {
    TestFederation federation =
        new TestFederation()
            .issuer("good", issuer.issuer())
            .rule("operators", "good", "token-broker", "claims.sub != ''", "operate");
    IntStream.range(0, RULES)
        .forEach(
            at ->
                federation.rule(
                    "a-rule-with-a-name-of-fifty-characters-in-all-" + at,
                    "good",
                    "orders",
                    "claims.sub == 'nobody'"));
    federation.load(federations);
    client = BrokerClient.plaintext(GrpcPort.current());
    operators =
        IntStream.rangeClosed(0, STREAMS / PER_OPERATOR)
            .mapToObj(at -> issuer.credential(claims -> claims.put("sub", "operator-" + at)))
            .map(credential -> BrokerClient.exchangeOf("token-broker", credential))
            .map(client::accessToken)
            .toList();
  }

  @AfterEach
  void stop() {
    threads.shutdownNow();
    http.shutdownNow();
  }

  @Test
  void keep_up_undisturbed_by_stalled_and_vanished_ones() throws Exception {
    PacedCalls calls = new PacedCalls(client, issuer, threads);
    List<Long> unwatched = calls.run(() -> {});
    try (RawConnection deaf = new RawConnection(url, 1)) {
      deaf.send(
          "GET /live HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n"
              .formatted(operators.getLast()));
      LiveClient vanishing = open(STREAMS);
      CountDownLatch watching = new CountDownLatch(OPERATORS - 2);
      List<Future<SeenCalls>> watchers = new ArrayList<>();
      for (int at = 0; at < OPERATORS - 2; at++) {
        int place = at;
        watchers.add(threads.submit(() -> watch(place, watching)));
      }
      watching.await();

      List<Long> micros = calls.run(vanishing::close);

      List<SeenCalls> seen = new ArrayList<>();
      for (Future<SeenCalls> each : watchers) {
        seen.add(each.get());
      }
      long slowest = Math.max(unwatched.getLast(), micros.getLast());
      Duration latest = LATER.plus(Duration.of(slowest, ChronoUnit.MICROS));
      assertThat(seen).allSatisfy(each -> assertThatNothingIsMissing(each, latest));
      System.out.printf(
          "%d calls: p50 %d us, p99 %d us unwatched; p50 %d us, p99 %d us with %d operators, who saw"
              + " %d of them, the last second %d ms late%n",
          PacedCalls.COUNT,
          unwatched.get(PacedCalls.COUNT / 2),
          unwatched.get(PacedCalls.COUNT * 99 / 100),
          micros.get(PacedCalls.COUNT / 2),
          micros.get(PacedCalls.COUNT * 99 / 100),
          seen.size(),
          seen.getFirst().shown(),
          seen.stream().mapToLong(each -> each.latest().toMillis()).max().orElseThrow());
      assertThatAllPlacesAreFree();
    }
  }

  private LiveClient open(int place) {
    return LiveClient.open(http, url, operators.get(place / PER_OPERATOR));
  }

  private SeenCalls watch(int place, CountDownLatch watching) {
    try (LiveClient live = open(place)) {
      live.next("state");
      watching.countDown();
      SeenCalls seen = SeenCalls.NONE;
      while (seen.all() < PacedCalls.COUNT) {
        seen = seen.and(live.next("exchange", "second"));
      }
      return seen;
    }
  }

  private static void assertThatNothingIsMissing(SeenCalls seen, Duration latest) {
    assertThat(seen.missed()).isZero();
    assertThat(seen.all()).isEqualTo(PacedCalls.COUNT);
    assertThat(seen.leftOut()).isGreaterThan(PacedCalls.COUNT / 2);
    assertThat(seen.latest()).isLessThan(latest);
  }

  private LiveClient patiently(int place) {
    return Eventually.see(() -> open(place), WatchingOperatorsStorm::isOpen);
  }

  private static boolean isOpen(LiveClient live) {
    return live.answer().statusCode() == 200;
  }

  /** The broker closes the connection of the deaf reader, which the reader leaves open. */
  private void assertThatAllPlacesAreFree() {
    List<LiveClient> streams = new ArrayList<>();
    try {
      for (int at = 0; at < STREAMS; at++) {
        LiveClient next = patiently(at);
        streams.add(next);
        assertThat(next.answer().statusCode()).as("stream %d", at).isEqualTo(200);
      }
      try (LiveClient tooMany = open(STREAMS)) {
        assertThat(tooMany.answer().statusCode()).isEqualTo(429);
      }
    } finally {
      streams.forEach(LiveClient::close);
    }
  }
}
