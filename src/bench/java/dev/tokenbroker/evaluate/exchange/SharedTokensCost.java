package dev.tokenbroker.evaluate.exchange;

import dev.tokenbroker.base.time.TestClocks;
import dev.tokenbroker.evaluate.exchange.TokenExchange.Exchanged;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.issue.sts.FakeUpstream;
import dev.tokenbroker.issue.sts.TestUpstreams;
import dev.tokenbroker.peers.guard.GuardValues;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import dev.tokenbroker.peers.http.PeerClients;
import dev.tokenbroker.peers.store.SharedStore;
import dev.tokenbroker.peers.store.ValkeyReplicas;
import dev.tokenbroker.process.runtime.TestClock;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * What sharing tokens costs and saves, with a real Valkey server: hits and minted misses with and
 * without it, by {@link PairedWindows}; then misses at an upstream that answers in 5 ms, and the
 * same requests at another replica.
 */
public final class SharedTokensCost {

  private static final int IDENTITIES = 500;
  private static final int WARM_UP = 5;
  private static final int ROUNDS = 20;
  private static final int CALLS = 20;
  private static final Duration ANSWERS_IN = Duration.ofMillis(5);

  private final TestClock clock = new TestClock();
  private final SeededIssuer issuer = new SeededIssuer(1);
  private final Path directory = Files.createTempDirectory("shared");
  private final FakeUpstream upstream = FakeUpstream.start(_ -> answer());
  private final SharedStore one;
  private final SharedStore two;

  private SharedTokensCost(ValkeyReplicas replicas) throws IOException {
    this.one = replicas.store(0);
    this.two = replicas.store(1);
  }

  public static void main(String[] args) throws IOException {
    try (ValkeyReplicas replicas = new ValkeyReplicas(Files.createTempDirectory("valkey"))) {
      SharedTokensCost cost = new SharedTokensCost(replicas);
      cost.reportMinted();
      cost.reportAtUpstream();
    }
    System.exit(0);
  }

  private void reportMinted() {
    Federation federation = TestExchange.federation(directory, issuer.federation(), clock);
    String[] credentials =
        IntStream.range(0, IDENTITIES)
            .mapToObj(at -> issuer.credential("acme/repository-" + at))
            .toArray(String[]::new);
    PairedWindows windows = new PairedWindows("a shared store");
    TokenExchange alone = TestExchange.by(federation, clock, List.of()).build();
    TokenExchange sharing =
        TestExchange.by(federation, clock, List.of()).shared(shared(one)).build();
    windows.prepare(alone, credentials); // each token is held
    windows.prepare(sharing, credentials);
    windows.report("hit", alone, sharing, credentials, 50_000);
    windows.report(
        "minted miss",
        TestExchange.by(federation, clock, List.of()).tokens(forgetful()).build(),
        TestExchange.by(federation, clock, List.of())
            .tokens(forgetful())
            .shared(shared(one))
            .build(),
        credentials,
        3_000);
  }

  /** Each credential is exchanged by a broker without a store, by one replica, and by another. */
  private void reportAtUpstream() {
    double[] without = new double[ROUNDS];
    double[] first = new double[ROUNDS];
    double[] second = new double[ROUNDS];
    Vertx vertx = Vertx.vertx();
    Federation federation = federation(vertx);
    for (int round = -WARM_UP; round < ROUNDS; round++) {
      String[] credentials = credentials(round);
      double alone = median(federation, SharedTokens.none(clock), credentials);
      double miss = median(federation, shared(one), credentials);
      double hit = median(federation, shared(two), credentials);
      if (round >= 0) {
        without[round] = alone;
        first[round] = miss;
        second[round] = hit;
      }
    }
    print("miss at the upstream, without a store", without);
    print("miss at the upstream, with a store", first);
    print("the same request at another replica", second);
  }

  private String[] credentials(int round) {
    return IntStream.range(0, CALLS)
        .mapToObj(call -> issuer.credential("acme/round-" + round + "-call-" + call))
        .toArray(String[]::new);
  }

  /** The median latency in microseconds; returns once each token is shared. */
  private double median(Federation federation, SharedTokens shared, String[] credentials) {
    double[] micros = new double[credentials.length];
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      TokenExchange exchange =
          TestExchange.by(federation, clock, List.of()).shared(shared).threads(threads).build();
      for (int call = 0; call < credentials.length; call++) {
        long begin = System.nanoTime();
        Exchanged exchanged =
            exchange
                .exchange(
                    TestExchange.request("orders", credentials[call]),
                    TestExchange.enough(),
                    Runnable::run)
                .toCompletableFuture()
                .join();
        micros[call] = (System.nanoTime() - begin) / 1e3;
        if (!exchanged.verdict().accepted()) {
          throw new AssertionError(exchanged.verdict());
        }
      }
    }
    Arrays.sort(micros);
    return micros[micros.length / 2];
  }

  private static void print(String what, double[] micros) {
    Arrays.sort(micros);
    System.out.printf(
        "%s: median %.0f us, quartiles %.0f to %.0f us%n",
        what, micros[ROUNDS / 2], micros[ROUNDS / 4], micros[ROUNDS * 3 / 4]);
  }

  private SharedTokens shared(SharedStore store) {
    return new SharedTokens(true, store, _ -> false, clock);
  }

  private IssuedTokens forgetful() {
    return new IssuedTokens(
        TestCacheSettings.defaults().withEnabled(false),
        false,
        _ -> false,
        TestClocks.seeded(clock, 1));
  }

  private Federation federation(Vertx vertx) {
    String document =
        issuer
            .federation()
            .replace(
                "targets:\n",
                """
                upstreams:
                  - {name: sso, tokenEndpoint: '%s', clientAuthentication: none, clientId: broker}
                targets:
                """
                    .formatted(upstream.uri("/token")))
            .replace("mint: {lifetime: 5m}", "exchange: {upstream: sso}");
    return TestExchange.federation(
        directory,
        document,
        TestUpstreams.of(
                PeerClients.loopback(vertx, Duration.ofSeconds(10)),
                GuardValues.defaults().withAttempts(1, Duration.ofSeconds(10)),
                clock)
            ::of,
        clock);
  }

  private static Reply answer() {
    long due = System.nanoTime() + ANSWERS_IN.toNanos();
    for (long left = ANSWERS_IN.toNanos(); left > 0; left = due - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
    return FakeUpstream.token();
  }
}
