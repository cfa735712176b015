package dev.tokenbroker.edges.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.edge.FreePort;
import dev.tokenbroker.edges.grpc.BrokerClient.Answer;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.issue.sts.FakeUpstream;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.peers.guard.GuardSettings;
import dev.tokenbroker.peers.guard.PeerStatus;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import io.grpc.Status.Code;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Clients that know neither back-off nor pushback, all at once, against an upstream that is down;
 * over real sockets. The bounds are those of {@code src/docs/operate/upstream-bound.md}.
 *
 * <p>Two small storms by default, held to no time: {@code SimulatedStorm} holds the times that a
 * busy machine cannot. The real ones, all four kinds, are
 *
 * <pre>./mvnw test -Dtest=UpstreamStorm -Dstorm.seconds=20 -Dstorm.clients=500</pre>
 */
@QuarkusTest
@Timeout(180)
class UpstreamStorm {

  /** Whether somebody asks for more than the small. */
  private static final boolean REAL = Integer.getInteger("storm.seconds") != null;

  private static final Duration OUTAGE = Duration.ofSeconds(Integer.getInteger("storm.seconds", 2));
  private static final int CLIENTS = Integer.getInteger("storm.clients", 100);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration RECOVERY = REAL ? Duration.ofSeconds(5) : PATIENCE;

  @Inject Federations federations;
  @Inject GuardSettings guard;

  @AutoClose private final FakeIssuer issuer = FakeIssuer.start();
  @AutoClose private final AuditLines audit = new AuditLines();
  private final LongAdder calls = new LongAdder();
  private final LongAdder withoutPushback = new LongAdder();
  private final AtomicLong firstToken = new AtomicLong(Long.MAX_VALUE);
  private final CountDownLatch waiting = new CountDownLatch(CLIENTS);
  @AutoClose private final RecoveringUpstream upstream = new RecoveringUpstream();
  @AutoClose private Callers callers;

  /** How the upstream is down. */
  enum Outage {
    ANSWERS_503,
    PORT_CLOSED
  }

  @BeforeEach
  void start() {
    callers = new Callers(CLIENTS, GrpcPort.current());
    new TestFederation()
        .issuer("good", issuer.issuer())
        .upstream("corp-sso", upstream.origin(), "good")
        .load(federations);
  }

  static Stream<Arguments> storms() {
    Stream<Arguments> small =
        Stream.of(Arguments.of(Outage.ANSWERS_503, 1), Arguments.of(Outage.PORT_CLOSED, CLIENTS));
    Stream<Arguments> others =
        Stream.of(Arguments.of(Outage.ANSWERS_503, CLIENTS), Arguments.of(Outage.PORT_CLOSED, 1));
    return REAL ? Stream.concat(small, others) : small;
  }

  @ParameterizedTest
  @MethodSource("storms")
  void limits_upstream_calls_as_stated_and_recovers_without_a_spike(Outage outage, int keys)
      throws Exception {
    List<ExchangeTokenRequest> requests = requests(keys);
    upstream.goDown(outage);
    PeerStatus before = status();
    long beganNanos = System.nanoTime();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> clients = new ArrayList<>();
      for (int client = 0; client < CLIENTS; client++) {
        int caller = client;
        clients.add(threads.submit(() -> untilGranted(caller, requests.get(caller % keys))));
      }
      PeerStatus after = Patience.after(OUTAGE, this::status);
      Duration window = Duration.ofNanos(System.nanoTime() - beganNanos);
      long callsInOutage = calls.sum();
      long returnedNanos = System.nanoTime();
      upstream.comeBack();
      boolean recovered = waiting.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      Duration last = Duration.ofNanos(System.nanoTime() - returnedNanos);
      Duration first = Duration.ofNanos(firstToken.get() - returnedNanos);
      long attempts = after.attempts() - before.attempts();
      System.out.printf(
          "%s, %d clients, %d keys, %.1f s: %d calls, %d attempts (B3 %d, B1+B2 %.0f); back after"
              + " %d ms, all %d ms; at most %d attempts in 100 ms, %d at once%n",
          outage,
          CLIENTS,
          keys,
          window.toMillis() / 1e3,
          callsInOutage,
          attempts,
          mostWithoutSuccess(window),
          mostNeeded(keys, window) + guard.retryBurst(),
          first.toMillis(),
          last.toMillis(),
          upstream.mostIn(Duration.ofMillis(100)),
          upstream.mostAtOnce());

      assertThat(attempts).isPositive().isLessThanOrEqualTo(mostWithoutSuccess(window));
      assertThat(attempts)
          .isLessThanOrEqualTo(after.needed() - before.needed() + guard.retryBurst());
      assertThat((double) after.needed() - before.needed())
          .isLessThanOrEqualTo(mostNeeded(keys, window));
      assertThat(recovered).isTrue();
      assertThat(first).isLessThan(RECOVERY);
      assertThat(last).isLessThan(RECOVERY);
      for (Future<?> client : clients) {
        client.get();
      }
    }
    PeerStatus end = status();
    assertThat(end.boundRatio()).isLessThanOrEqualTo(1);
    assertThat(end.headroom()).isNotNegative();
    assertThat(upstream.mostAtOnce()).isLessThanOrEqualTo(guard.concurrency());
    if (outage == Outage.ANSWERS_503) {
      // What the broker says it sent is what came.
      assertThat(upstream.requests()).isEqualTo(end.attempts());
    }
    assertThat(withoutPushback.sum()).isZero();
    // A client that is told to stop may not count its last call any more.
    assertThat(audit.count()).isBetween(calls.sum(), calls.sum() + CLIENTS);
  }

  /** B3: five to open the circuit, those that are under way then, and a probe each interval. */
  private long mostWithoutSuccess(Duration window) {
    return guard.circuitFailures()
        + guard.concurrency()
        + window.toNanos() / guard.probeInterval().toNanos();
  }

  /** B2, without successes. */
  private double mostNeeded(int keys, Duration window) {
    double seconds = window.toNanos() / 1e9;
    return keys * (1 + seconds / (guard.coolDown().toMillis() / 1e3))
        + 1
        + seconds / (guard.probeInterval().toMillis() / 1e3);
  }

  /** A client as one should not be. */
  private void untilGranted(int caller, ExchangeTokenRequest request) {
    BrokerClient client = callers.client(caller);
    while (true) {
      Answer answer = client.exchange(request);
      calls.increment();
      if (answer.code() == Code.OK) {
        firstToken.accumulateAndGet(System.nanoTime(), Math::min);
        waiting.countDown();
        return;
      }
      if (answer.pushback().isEmpty() && answer.code() != Code.DEADLINE_EXCEEDED) {
        withoutPushback.increment();
      }
      if (Thread.interrupted()) {
        throw new IllegalStateException("no token: " + answer.reason());
      }
    }
  }

  private List<ExchangeTokenRequest> requests(int keys) {
    List<ExchangeTokenRequest> requests = new ArrayList<>();
    for (int key = 0; key < keys; key++) {
      String run = "run-" + key;
      requests.add(
          BrokerClient.exchangeOf(
              "corp-sso", issuer.credential(claims -> claims.put("run_id", run))));
    }
    return requests;
  }

  private PeerStatus status() {
    return Objects.requireNonNull(
            federations.current().orElseThrow().upstreams().get("corp-sso"), "corp-sso")
        .status();
  }

  /** One that is down until it comes back, and then takes a tenth of a second for each token. */
  private static final class RecoveringUpstream implements AutoCloseable {

    private static final long WORK_NANOS = 100_000_000;

    private final List<Long> arrivals = new ArrayList<>();
    private int atOnce;
    private int mostAtOnce;
    private volatile boolean down;
    private FakeUpstream listening = FakeUpstream.startAt(FreePort.find(), _ -> answer());

    String origin() {
      return listening.origin();
    }

    void goDown(Outage how) {
      down = true;
      if (how == Outage.PORT_CLOSED) {
        listening.close();
      }
    }

    void comeBack() {
      down = false;
      if (listening.isClosed()) {
        listening = FakeUpstream.startAt(listening.port(), _ -> answer());
      }
    }

    /** All requests that came, while it was down and afterwards. */
    synchronized int requests() {
      return arrivals.size();
    }

    /** The most that came within any such time. */
    synchronized int mostIn(Duration time) {
      int most = 0;
      int first = 0;
      for (int last = 0; last < arrivals.size(); last++) {
        while (arrivals.get(last) - arrivals.get(first) >= time.toNanos()) {
          first++;
        }
        most = Math.max(most, last - first + 1);
      }
      return most;
    }

    synchronized int mostAtOnce() {
      return mostAtOnce;
    }

    private Reply answer() {
      arrived();
      boolean trouble = down;
      return connection -> {
        if (!trouble) {
          Patience.nanos(WORK_NANOS);
        }
        // Before the answer: the broker may send its next attempt as soon as it has read this
        // one's.
        left();
        (trouble ? FakeUpstream.json(503, "{}") : FakeUpstream.token()).write(connection);
      };
    }

    private synchronized void arrived() {
      arrivals.add(System.nanoTime());
      mostAtOnce = Math.max(mostAtOnce, ++atOnce);
    }

    private synchronized void left() {
      atOnce--;
    }

    @Override
    public void close() {
      listening.close();
    }
  }
}
