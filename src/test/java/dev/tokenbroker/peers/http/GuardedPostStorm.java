package dev.tokenbroker.peers.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.peers.guard.Attempt.Attempted;
import dev.tokenbroker.peers.guard.GuardValues;
import dev.tokenbroker.peers.guard.PeerGuard;
import dev.tokenbroker.peers.guard.PeerStatus;
import dev.tokenbroker.peers.http.CallFailed.FetchFailure;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import dev.tokenbroker.peers.http.PeerClients.Settings;
import dev.tokenbroker.peers.store.Roster.Rank;
import dev.tokenbroker.peers.trust.TestTls;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Thousands of bad answers in every mixture leave nothing behind: no connection, no thread, no
 * place in the guard. How many: {@code -Dleak.answers=10000}, else 2000; the seed is printed.
 */
@Timeout(600)
class GuardedPostStorm {

  private static final int ANSWERS = Integer.getInteger("leak.answers", 2_000);
  private static final long SEED = Long.getLong("fuzz.seed", 20261124L);
  private static final int CALLERS = 64;
  private static final Settings SETTINGS = new Settings(Duration.ofSeconds(2), true);

  /** What the peer does. */
  private enum Misdeed {
    GOOD,
    REFUSES,
    UNAVAILABLE,
    UNAVAILABLE_FOR_A_WHILE,
    TOO_MANY,
    HTML,
    TRUNCATED,
    RESET,
    SILENT_CLOSE,
    KEPT_OPEN,
    GARBAGE,
    ENCODED,
    REDIRECT,
    ENDLESS_HEADERS,
    HUGE,
    HANG,
    DRIP,
    UNTRUSTED;

    static final Set<Misdeed> DEAR = EnumSet.of(HUGE, HANG, DRIP, UNTRUSTED);
  }

  private final ConcurrentMap<FetchFailure, Integer> failures = new ConcurrentHashMap<>();
  private final AtomicInteger responses = new AtomicInteger();

  @Test
  void nothing_is_left_of_bad_answers() throws Exception {
    System.out.println("bad answers: " + ANSWERS + ", seed " + SEED);
    Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));
    PeerGuard guard =
        new PeerGuard(
            "misbehaving",
            GuardValues.defaults()
                .withAttempts(2, Duration.ofSeconds(1))
                .withPlaces(48, Duration.ofSeconds(10))
                .withCircuit(1000, Duration.ofMillis(100)),
            () -> Rank.ALONE,
            Clocks.system());
    try (FakeServer plain = FakeServer.start(request -> reply(Misdeed.valueOf(kind(request))));
        FakeServer tls =
            FakeServer.startTls(TestTls.generate().server("localhost"), request -> Reply.ok())) {
      PeerClient client = PeerClients.client(vertx, SETTINGS, Map.of(), InetAddress::getAllByName);
      run(guard, client, plain, tls, 0, CALLERS);
      long threads = platformThreads();

      run(guard, client, plain, tls, CALLERS, ANSWERS);

      assertThat(plain.awaitNoConnection(Duration.ofSeconds(30))).isTrue();
      assertThat(tls.awaitNoConnection(Duration.ofSeconds(30))).isTrue();
      PeerStatus status = guard.status();
      assertThat(status.inFlight()).isZero();
      assertThat(status.successes() + status.failures()).isEqualTo(status.attempts());
      assertThat(status.boundRatio()).isLessThanOrEqualTo(1);
      assertThat(platformThreads()).isLessThanOrEqualTo(threads + 8);
      assertThat(failures)
          .containsKeys(
              FetchFailure.UNREACHABLE,
              FetchFailure.TIMED_OUT,
              FetchFailure.MALFORMED,
              FetchFailure.TOO_LARGE,
              FetchFailure.TLS_UNTRUSTED)
          .doesNotContainKey(FetchFailure.OVERLOADED);
      assertThat(responses.get()).isPositive();
      System.out.println(responses + " responses, " + failures + ", " + status);
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().join();
    }
  }

  /** Calls from..to, each with a key of its own. */
  private void run(
      PeerGuard guard, PeerClient client, FakeServer plain, FakeServer tls, int from, int to)
      throws Exception {
    AtomicInteger next = new AtomicInteger(from);
    Callable<Void> caller =
        () -> {
          for (int call = next.getAndIncrement(); call < to; call = next.getAndIncrement()) {
            Misdeed misdeed = misdeed(call);
            String origin = misdeed == Misdeed.UNTRUSTED ? tls.origin() : plain.origin();
            PeerRequest form =
                PeerRequest.form(
                    URI.create(origin + "/" + misdeed), null, new byte[2_000], Map.of());
            guard.call(
                call,
                call, // an account of its own: else the first 429 would keep all others away
                Deadline.after(Duration.ofMinutes(5)),
                limit -> attempted(client.send(form, limit)));
          }
          return null;
        };
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<Void>> all = Collections.nCopies(CALLERS, caller);
      for (Future<Void> done : callers.invokeAll(all)) {
        done.get();
      }
    }
  }

  private Attempted<String> attempted(CallEnd posted) {
    return switch (posted) {
      case CallEnd.Response response -> {
        responses.incrementAndGet();
        yield response.status() >= 500 || response.status() == 429
            ? new Attempted.AttemptFailed<>("unavailable", true, response.times().retryAfter())
            : new Attempted.Done<>("answered");
      }
      case CallFailed failed -> {
        failures.merge(failed.kind(), 1, Integer::sum);
        yield new Attempted.AttemptFailed<>(failed.detail(), true, null);
      }
    };
  }

  private static Misdeed misdeed(int call) {
    Random random = new Random(SEED + call);
    // Those that take long now and then, the others often.
    Set<Misdeed> some =
        random.nextInt(12) == 0 ? Misdeed.DEAR : EnumSet.complementOf(EnumSet.copyOf(Misdeed.DEAR));
    return List.copyOf(some).get(random.nextInt(some.size()));
  }

  private static String kind(FakeServer.Request request) {
    return request.target().substring(1);
  }

  private static Reply reply(Misdeed misdeed) {
    return switch (misdeed) {
      case GOOD, UNTRUSTED -> Reply.of(200, Map.of("Content-Type", "application/json"), "{}");
      case REFUSES -> Reply.of(400, Map.of(), "{\"error\":\"invalid_grant\"}");
      case UNAVAILABLE -> Reply.of(503, Map.of(), "<html>");
      case UNAVAILABLE_FOR_A_WHILE -> Reply.of(503, Map.of("Retry-After", "0"), "");
      case TOO_MANY -> Reply.of(429, Map.of("Retry-After", "120"), "");
      case HTML -> Reply.of(200, Map.of("Content-Type", "text/html"), "<html>".repeat(1000));
      case TRUNCATED -> Reply.raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{");
      case RESET ->
          connection -> {
            connection.setSoLinger(true, 0);
            connection.close();
          };
      case SILENT_CLOSE -> Reply.drop();
      case KEPT_OPEN ->
          connection -> {
            Reply.raw("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\n\r\nmore")
                .write(connection);
            Reply.hang().write(connection);
          };
      case GARBAGE -> Reply.raw("SSH-2.0-OpenSSH_9.9\r\n\r\n");
      case ENCODED -> Reply.of(200, Map.of("Content-Encoding", "gzip"), "{}");
      case REDIRECT -> Reply.of(302, Map.of("Location", "/GOOD"), "");
      case ENDLESS_HEADERS -> Reply.of(200, Map.of("X", "a".repeat(64 * 1024)), "{}");
      case HUGE -> Reply.chunked(50 * 1024 * 1024);
      case HANG -> Reply.hang();
      case DRIP ->
          connection -> {
            Reply.raw("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n").write(connection);
            Drips.write(connection, 100_000);
          };
    };
  }

  private static long platformThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> !thread.getName().startsWith("ForkJoinPool"))
        .count();
  }
}
