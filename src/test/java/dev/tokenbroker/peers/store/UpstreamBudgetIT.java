package dev.tokenbroker.peers.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.edge.BrokerProcess;
import dev.tokenbroker.edges.edge.Http;
import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.edges.grpc.Patience;
import dev.tokenbroker.edges.grpc.TestFederation;
import dev.tokenbroker.edges.telemetry.Settings;
import dev.tokenbroker.issue.sts.FakeUpstream;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.peers.guard.GuardSettings;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import io.grpc.Status.Code;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Three replicas, 500 callers that come back four times a second, and an upstream that is down:
 * what all replicas together send, against B3 of {@code src/docs/operate/upstream-bound.md}.
 */
@Tag("store")
@Tag("jar")
class UpstreamBudgetIT {

  private static final int REPLICAS = 3;
  private static final int WARM_UP = 100;
  private static final Duration PAUSE = Duration.ofMillis(250);
  private static final Duration OUTAGE =
      Duration.ofSeconds(Integer.getInteger("storm.seconds", 20));
  private static final int CALLERS = Integer.getInteger("storm.clients", 500);
  private static final GuardSettings GUARD = Settings.defaults(GuardSettings.class);

  @TempDir Path directory;

  private final FakeIssuer issuer = FakeIssuer.start();
  private final FailingUpstream upstream = new FailingUpstream();
  private final List<BrokerProcess> brokers = new ArrayList<>();
  private final List<BrokerClient> clients = new ArrayList<>();
  private final LongAdder calls = new LongAdder();

  /** How the upstream is down. */
  enum Outage {
    ANSWERS_503,
    SILENT
  }

  @AfterEach
  void stop() {
    clients.forEach(BrokerClient::close);
    brokers.forEach(BrokerProcess::close);
    upstream.close();
    issuer.close();
  }

  @ParameterizedTest
  @CsvSource({"ANSWERS_503,true", "SILENT,true", "ANSWERS_503,false", "SILENT,false"})
  void all_replicas_together_send_no_more_than_stated(Outage outage, boolean shared)
      throws Exception {
    try (ValkeyServer server = ValkeyServer.start(directory)) {
      start(shared ? server : null);
      Duration window = storm(outage);
      long attempts = upstream.requestsWhileDown();
      long bound = shared ? bound(window) : REPLICAS * bound(window);
      System.out.printf(
          "%s, %d replicas, store %s, %d callers, %.1f s: %d calls, %d attempts of at most %d%n",
          outage,
          REPLICAS,
          shared ? "shared" : "none",
          CALLERS,
          window.toMillis() / 1e3,
          calls.sum(),
          attempts,
          bound);

      assertThat(attempts).isPositive().isLessThanOrEqualTo(bound);
      for (BrokerProcess broker : brokers) {
        assertThat(meter(broker, "bound_ratio")).isLessThanOrEqualTo(1);
        assertThat(meter(broker, "bound_headroom")).isNotNegative();
      }
      upstream.comeBack();
      for (BrokerClient client : clients) {
        Eventually.until(() -> client.exchange(request(0)), it -> it.code() == Code.OK);
      }
    }
  }

  /** B3 of one replica. */
  private static long bound(Duration window) {
    return GUARD.circuitFailures()
        + GUARD.concurrency()
        + window.toNanos() / GUARD.probeInterval().toNanos();
  }

  /** Calls again and again while the upstream is down; returns for how long that was. */
  private Duration storm(Outage outage) {
    List<ExchangeTokenRequest> requests =
        IntStream.rangeClosed(1, CALLERS).mapToObj(this::request).toList();
    AtomicBoolean going = new AtomicBoolean(true);
    long beganNanos = System.nanoTime();
    upstream.goDown(outage);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int caller = 0; caller < CALLERS; caller++) {
        int at = caller;
        var _ = threads.submit(() -> callWhile(going, at, requests.get(at)));
      }
      Duration window = Patience.after(OUTAGE, () -> stopCounting(beganNanos));
      going.set(false);
      return window;
    }
  }

  /** Returns the time since then. Every counted request came within it. */
  private Duration stopCounting(long beganNanos) {
    upstream.stopCounting();
    return Duration.ofNanos(System.nanoTime() - beganNanos);
  }

  private void callWhile(AtomicBoolean going, int caller, ExchangeTokenRequest request) {
    for (int turn = caller; going.get(); turn++) {
      BrokerClient client = clients.get(turn % REPLICAS);
      BrokerClient.Answer answer = client.exchange(request);
      assertThat(answer.code()).isNotEqualTo(Code.OK);
      calls.increment();
      // Whatever the answer said.
      Patience.after(PAUSE, () -> true);
    }
  }

  private void start(@Nullable ValkeyServer server) throws Exception {
    Path federation =
        Files.writeString(
            directory.resolve("federation.yaml"),
            new TestFederation()
                .issuer("good", issuer.issuer())
                .upstream("corp-sso", upstream.origin(), "good")
                .text());
    for (int replica = 0; replica < REPLICAS; replica++) {
      BrokerProcess.Setup setup =
          new BrokerProcess.Setup(federation)
              .with("token-broker.admission.per-credential-rate", "0");
      // One after another: three that start at once take a busy machine too long.
      // The store is not what this storm is about: its timeout is long.
      brokers.add((server == null ? setup : server.shared(setup, 2000)).start());
    }
    for (BrokerProcess broker : brokers) {
      BrokerClient client = broker.client();
      clients.add(client);
      Eventually.until(() -> client.exchange(request(0)), it -> it.code() == Code.OK);
      for (int call = 0; call < WARM_UP; call++) {
        client.exchange(request(-call));
      }
    }
    double share = server == null ? GUARD.retryBurst() : GUARD.retryBurst() / REPLICAS;
    for (BrokerProcess broker : brokers) {
      // Each knows how many it shares with.
      Eventually.until(() -> meter(broker, "budget_tokens"), it -> it == share);
    }
  }

  /** A meter of the guard. */
  private double meter(BrokerProcess broker, String name) {
    URI metrics = URI.create("http://127.0.0.1:" + broker.managementPort() + "/q/metrics");
    String prefix = "tokenbroker_upstream_" + name + "{upstream=\"corp-sso\"";
    return Http.get(metrics)
        .body()
        .lines()
        .filter(line -> line.startsWith(prefix))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .findFirst()
        .orElse(Double.NaN);
  }

  private ExchangeTokenRequest request(int caller) {
    return ExchangeTokenRequest.newBuilder()
        .setAudience("corp-sso")
        .setSubjectToken(issuer.credential(claims -> claims.put("run_id", "run-" + caller)))
        .build();
  }

  /** An upstream that answers until it is down, and counts what comes then. */
  private static final class FailingUpstream implements AutoCloseable {

    private static final long LONGEST_SECONDS = 60;

    private final FakeUpstream listening = FakeUpstream.start(_ -> answer());
    private final CountDownLatch silence = new CountDownLatch(1);
    private volatile @Nullable Outage outage;
    private volatile boolean counts;
    private final LongAdder requests = new LongAdder();

    String origin() {
      return listening.origin();
    }

    void goDown(Outage how) {
      counts = true;
      outage = how;
    }

    void stopCounting() {
      counts = false;
    }

    void comeBack() {
      outage = null;
      silence.countDown();
    }

    long requestsWhileDown() {
      return requests.sum();
    }

    private Reply answer() {
      Outage now = outage;
      if (now == null) {
        return FakeUpstream.token();
      }
      if (counts) {
        requests.increment();
      }
      return switch (now) {
        case ANSWERS_503 -> FakeUpstream.json(503, "{}");
        case SILENT -> _ -> hold();
      };
    }

    /** Until the upstream is back; the broker hangs up much earlier. */
    private void hold() throws IOException {
      try {
        silence.await(LONGEST_SECONDS, TimeUnit.SECONDS);
      } catch (InterruptedException stopped) {
        throw new IOException(stopped);
      }
    }

    @Override
    public void close() {
      silence.countDown();
      listening.close();
    }
  }
}
