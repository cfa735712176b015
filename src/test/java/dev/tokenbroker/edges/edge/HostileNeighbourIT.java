package dev.tokenbroker.edges.edge;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import dev.tokenbroker.edges.edge.Neighbour.Call;
import dev.tokenbroker.issue.sts.FakeUpstream;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.peers.store.ValkeyServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * One admitted caller does one thing as fast as it can, beside twenty honest callers that do
 * everything, twice a second each. Its identity is of their issuer, and then of another one.
 */
@Tag("flood")
@Tag("jar")
@Timeout(4_000)
class HostileNeighbourIT {

  private static final int SECONDS = Integer.getInteger("neighbour.seconds", 2);
  private static final Duration TIME = Duration.ofSeconds(SECONDS);

  /** What the slowest honest calls may take at least; 0 if the machine has other work. */
  private static final long P99_MILLIS = Long.getLong("neighbour.p99-millis", 0);

  private static final List<Call> CALLS = List.of(Call.values());
  private static final int HONEST = 20;
  private static final int HOSTILE_THREADS = 8;
  private static final Duration PERIOD = Duration.ofMillis(500);

  /** Upstream requests of one identity at one target: at once, and then one a second. */
  private static final int BURST = 10;

  @TempDir Path directory;

  @AutoClose private final FakeIssuer near = FakeIssuer.start();
  @AutoClose private final FakeIssuer far = FakeIssuer.start();
  @AutoClose private final FakeIssuer nearOnce = FakeIssuer.start();
  @AutoClose private final FakeIssuer farOnce = FakeIssuer.start();
  @AutoClose private final FakeUpstream upstream = FakeUpstream.start(_ -> FakeUpstream.token());

  /** The times of honest calls in order, and how often each refusal came. */
  private record Served(List<Long> micros, Map<String, Integer> refused) {

    long p99Millis() {
      return micros.get(micros.size() * 99 / 100) / 1_000;
    }
  }

  @Test
  void takes_nothing_from_twenty_others_without_a_store() throws Exception {
    try (BrokerProcess broker = setup().start()) {
      hold("without a store", broker);
    }
  }

  @Test
  void takes_nothing_from_twenty_others_with_a_store() throws Exception {
    try (ValkeyServer store = ValkeyServer.start(directory);
        BrokerProcess broker = store.shared(setup(), 1_000).start()) {
      hold("with a store", broker);
    }
  }

  private void hold(String which, BrokerProcess broker) throws Exception {
    List<Neighbour> honest =
        names()
            .limit(HONEST)
            .map(name -> new Neighbour(broker, name, near, nearOnce, false))
            .toList();
    try {
      Served warm = window(honest, () -> {});
      Served quiet = window(honest, () -> {});
      assertThat(warm.refused()).isEmpty();
      for (Call call : CALLS) {
        beside(which + ", " + call + " of their issuer", call, broker, honest, quiet, near);
        beside(which + ", " + call + " of another", call, broker, honest, quiet, far);
      }
    } finally {
      honest.forEach(Neighbour::close);
    }
  }

  private void beside(
      String which,
      Call call,
      BrokerProcess broker,
      List<Neighbour> honest,
      Served quiet,
      FakeIssuer issuer)
      throws Exception {
    int asked = upstream.asked().size();
    FakeIssuer once = issuer.equals(near) ? nearOnce : farOnce;
    try (Neighbour hostile = new Neighbour(broker, "hostile", issuer, once, true)) {
      long begun = System.nanoTime();
      Served served = window(honest, () -> hostile.call(call));
      long seconds = Duration.ofNanos(System.nanoTime() - begun).toSeconds() + 1;
      asked = upstream.asked().size() - asked;
      System.out.printf(
          "%s: %d honest calls, p99 %d ms (quiet %d), refused %s; hostile %s; %d requests upstream"
              + " in %d s%n",
          which,
          served.micros().size(),
          served.p99Millis(),
          quiet.p99Millis(),
          served.refused(),
          hostile.answers(),
          asked,
          seconds);
      assertThat(served.refused()).as(which).isEmpty();
      long own = BURST + seconds;
      long others = HONEST * (seconds * 1_000 / PERIOD.toMillis() / CALLS.size() + 2);
      assertThat(asked).as(which).isLessThanOrEqualTo((int) (own + others));
      if (P99_MILLIS > 0) {
        assertThat(served.p99Millis())
            .as(which)
            .isLessThanOrEqualTo(Math.max(P99_MILLIS, 3 * quiet.p99Millis()));
      }
    }
  }

  /** Honest calls for that time, while hostile threads do that without a pause. */
  private static Served window(List<Neighbour> honest, Runnable hostile) throws Exception {
    List<Long> micros = Collections.synchronizedList(new ArrayList<>());
    Map<String, Integer> refused = new ConcurrentSkipListMap<>();
    long begin = System.nanoTime();
    long end = begin + TIME.toNanos();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      for (int at = 0; at < HOSTILE_THREADS; at++) {
        running.add(threads.submit(() -> repeat(hostile, end)));
      }
      for (int at = 0; at < HONEST; at++) {
        int caller = at;
        running.add(
            threads.submit(() -> call(honest.get(caller), caller, begin, end, micros, refused)));
      }
      for (Future<?> one : running) {
        one.get();
      }
    }
    return new Served(micros.stream().sorted().toList(), refused);
  }

  private static void repeat(Runnable hostile, long end) {
    while (System.nanoTime() < end) {
      hostile.run();
      LockSupport.parkNanos(1);
    }
  }

  private static void call(
      Neighbour caller,
      int number,
      long begin,
      long end,
      List<Long> micros,
      Map<String, Integer> refused) {
    long due = begin + PERIOD.toNanos() * number / HONEST;
    for (int turn = number; due < end; turn++, due += PERIOD.toNanos()) {
      while (System.nanoTime() < due) {
        LockSupport.parkNanos(due - System.nanoTime());
      }
      Call call = CALLS.get(turn % CALLS.size());
      long called = System.nanoTime();
      String answer = caller.call(call);
      micros.add((System.nanoTime() - called) / 1_000);
      if (!answer.isEmpty()) {
        refused.merge(call + " " + answer, 1, Integer::sum);
      }
    }
  }

  private static Stream<String> names() {
    return Stream.concat(
        IntStream.range(0, HONEST).mapToObj(at -> "honest-" + at), Stream.of("hostile"));
  }

  private BrokerProcess.Setup setup() {
    int room = 2_000 + 400 * SECONDS;
    return new BrokerProcess.Setup(Documents.write(directory, federation()))
        .environment("_JAVA_OPTIONS", "-Xmx512m")
        .with("token-broker.dpop.base-urls", HonestCallers.ADDRESS)
        .with("token-broker.dpop.max-remembered", "" + room)
        .with("token-broker.credential.max-used", "" + room)
        .with("token-broker.revocation.max-tokens", "" + room)
        .with("token-broker.admission.per-identity-rate", "1")
        .with("token-broker.admission.per-issuer-rate", "20");
  }

  private String federation() {
    String clients =
        names()
            .map(
                name ->
                    "  - {name: client-%s, may: [exchange, introspect], jwks: {keys: [%s]}}"
                        .formatted(name, JSONObjectUtils.toJSONString(Neighbour.key(name).jwk())))
            .collect(joining("\n"));
    String rules =
        Stream.of("near", "far", "near-once", "far-once")
            .flatMap(
                issuer ->
                    Stream.of(
                            "token-broker, scopes: [operate]",
                            "payments-api, scopes: [read]",
                            "orders, scopes: [read, write]")
                        .map(
                            target ->
                                "  - {name: %s-%s, issuer: %s, when: 'true', audience: %s}"
                                    .formatted(issuer, target.substring(0, 6), issuer, target)))
            .collect(joining("\n"));
    return """
    issuers:
      - {name: near, issuer: '%1$s', audiences: ['%5$s']}
      - {name: far, issuer: '%2$s', audiences: ['%5$s']}
      - {name: near-once, issuer: '%3$s', audiences: ['%5$s'], once: true}
      - {name: far-once, issuer: '%4$s', audiences: ['%5$s'], once: true}
    upstreams:
      - {name: sso, tokenEndpoint: '%6$s', grant: token-exchange, clientAuthentication: none, clientId: broker}
    clients:
    %7$s
    targets:
      - {audience: payments-api, mint: {lifetime: 5m}}
      - {audience: orders, exchange: {upstream: sso}}
    rules:
    %8$s
    """
        .formatted(
            near.issuer(),
            far.issuer(),
            nearOnce.issuer(),
            farOnce.issuer(),
            FakeIssuer.AUDIENCE,
            upstream.uri("/token"),
            clients,
            rules);
  }
}
