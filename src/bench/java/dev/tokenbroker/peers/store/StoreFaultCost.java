package dev.tokenbroker.peers.store;

import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.edges.grpc.BrokerClient.Answer;
import dev.tokenbroker.edges.grpc.Patience;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * What a fault of the store costs the exchanges that need no store: windows with and without the
 * fault in turns, {@value #PAIRS} pairs, at one broker over gRPC. Meanwhile another caller
 * exchanges once-only credentials, so that the store is called all the time.
 */
public final class StoreFaultCost {

  private static final int PAIRS = 20;
  private static final int WARM_UP = 5;

  /** As many as take about a second, so that a window is longer than the moment of the fault. */
  private static final int HITS = 3_000;

  private static final int MINTS = 800;
  private static final Duration PACE_OF_OTHERS = Duration.ofMillis(20);

  private final SharingBrokers brokers;

  private StoreFaultCost(SharingBrokers brokers) {
    this.brokers = brokers;
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("store");
    AtomicBoolean ended = new AtomicBoolean();
    try (ValkeyServer server = ValkeyServer.start(directory);
        SharingBrokers brokers =
            new SharingBrokers(directory, server.root(), List.of(server.address()), Map.of())) {
      Thread others = Thread.ofVirtual().start(() -> exchangeOnce(brokers, ended));
      StoreFaultCost cost = new StoreFaultCost(brokers);
      cost.report("a hung store", server::hang, server::goOn);
      cost.report("a killed store", server::close, server::start);
      ended.set(true);
      others.join();
    }
  }

  private static void exchangeOnce(SharingBrokers brokers, AtomicBoolean ended) {
    while (!ended.get()) {
      Patience.after(
          PACE_OF_OTHERS,
          () -> brokers.one().exchange(BrokerClient.exchangeOf(brokers.credential())));
    }
  }

  private void report(String fault, Runnable begin, Runnable end) {
    String held = brokers.reusable();
    report("hit", fault, begin, end, HITS, _ -> held);
    report("mint", fault, begin, end, MINTS, _ -> brokers.reusable());
  }

  private void report(
      String what,
      String fault,
      Runnable begin,
      Runnable end,
      int calls,
      IntFunction<String> credentials) {
    double[] ratios = new double[PAIRS];
    double[] healthy = new double[PAIRS];
    for (int pair = -WARM_UP; pair < PAIRS; pair++) {
      double without;
      double with;
      if (pair % 2 == 0) {
        without = window(calls, credentials);
        with = faulty(begin, end, calls, credentials);
      } else {
        with = faulty(begin, end, calls, credentials);
        without = window(calls, credentials);
      }
      if (pair >= 0) {
        ratios[pair] = with / without;
        healthy[pair] = without;
      }
    }
    Arrays.sort(ratios);
    Arrays.sort(healthy);
    System.out.printf(
        "%s: %.0f us with a healthy store; with %s median %+.1f %%, quartiles %+.1f to %+.1f %%%n",
        what,
        healthy[PAIRS / 2] / 1_000,
        fault,
        (ratios[PAIRS / 2] - 1) * 100,
        (ratios[PAIRS / 4] - 1) * 100,
        (ratios[PAIRS * 3 / 4] - 1) * 100);
  }

  private double faulty(Runnable begin, Runnable end, int calls, IntFunction<String> credentials) {
    begin.run();
    double time = window(calls, credentials);
    end.run();
    SharingBrokers.exchanges(brokers.one(), brokers.credential());
    return time;
  }

  /** The median time of an exchange, in nanoseconds. */
  private double window(int calls, IntFunction<String> credentials) {
    List<String> sent = IntStream.range(0, calls).mapToObj(credentials).toList();
    long[] times = new long[calls];
    for (int call = 0; call < calls; call++) {
      long begin = System.nanoTime();
      Answer answer = brokers.one().exchange(BrokerClient.exchangeOf(sent.get(call)));
      times[call] = System.nanoTime() - begin;
      if (answer.code() != Status.Code.OK) {
        throw new AssertionError(answer);
      }
    }
    Arrays.sort(times);
    return times[calls / 2];
  }
}
