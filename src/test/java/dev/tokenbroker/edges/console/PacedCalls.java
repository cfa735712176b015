package dev.tokenbroker.edges.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Calls of workloads over gRPC: 500 a second, whatever comes back; one in ten is a miss. */
final class PacedCalls {

  private static final int CALLS_A_TICK = 10;
  private static final Duration TICK = Duration.ofMillis(20);
  private static final int TICKS = 300;
  private static final long REFUSED = -1;

  /** How many calls a run makes. */
  static final int COUNT = TICKS * CALLS_A_TICK;

  private final BrokerClient client;
  private final FakeIssuer issuer;
  private final Executor threads;
  private final BlockingQueue<Long> micros = new LinkedBlockingQueue<>();

  PacedCalls(BrokerClient client, FakeIssuer issuer, Executor threads) {
    this.client = client;
    this.issuer = issuer;
    this.threads = threads;
  }

  /**
   * Makes all calls, each of which must get a token.
   *
   * @param halfway runs once in the middle
   * @return the times of the calls in microseconds, in order
   */
  List<Long> run(Runnable halfway) throws InterruptedException {
    String held = issuer.credential();
    AtomicInteger ticks = new AtomicInteger();
    List<Long> all = new ArrayList<>();
    try (ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor()) {
      var _ =
          timer.scheduleAtFixedRate(
              () -> tick(ticks.incrementAndGet(), held, halfway),
              0,
              TICK.toNanos(),
              TimeUnit.NANOSECONDS);
      while (all.size() < COUNT) {
        all.add(micros.take());
      }
      timer.shutdownNow();
    }
    all.sort(null);
    assertThat(all.getFirst()).as("the time of a call that got a token").isNotNegative();
    return all;
  }

  private void tick(int tick, String held, Runnable halfway) {
    if (tick == TICKS / 2) {
      halfway.run();
    }
    if (tick <= TICKS) {
      exchange(issuer.credential(claims -> claims.put("jti", UUID.randomUUID().toString())));
      for (int call = 1; call < CALLS_A_TICK; call++) {
        exchange(held);
      }
    }
  }

  private void exchange(String credential) {
    long begin = System.nanoTime();
    threads.execute(
        () -> {
          boolean granted = client.exchange(BrokerClient.exchangeOf(credential)).token() != null;
          micros.add(granted ? (System.nanoTime() - begin) / 1_000 : REFUSED);
        });
  }
}
