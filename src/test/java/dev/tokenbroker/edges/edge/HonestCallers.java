package dev.tokenbroker.edges.edge;

import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.edges.http.token.TokenClient;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.judge.possession.TestProof;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Fifty callers with good credentials, each with a connection of its own and a call every 200 ms.
 * Two fifths send a DPoP proof, over either edge, and two fifths a credential for one exchange.
 */
final class HonestCallers implements AutoCloseable {

  static final int COUNT = 50;
  static final Duration PERIOD = Duration.ofMillis(200);

  /** Where all proofs say that the broker is. */
  static final String ADDRESS = "https://broker.example";

  static final String TOKEN_ENDPOINT = ADDRESS + "/token";
  static final String METHOD = "/tokenbroker.v1.TokenBroker/ExchangeToken";

  private static final TestKey HOLDER = TestKey.fast("holder");

  private final FakeIssuer often;
  private final FakeIssuer once;
  private final List<BrokerClient> clients = new ArrayList<>();
  private final HttpClient connections =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final TokenClient http;

  /** How a caller calls. */
  private enum Way {
    GRPC_HELD,
    GRPC_FRESH,
    GRPC_ONCE,
    HTTP_PROOF,
    GRPC_ONCE_PROOF;

    boolean isOnce() {
      return this == GRPC_ONCE || this == GRPC_ONCE_PROOF;
    }

    boolean hasProof() {
      return this == HTTP_PROOF || this == GRPC_ONCE_PROOF;
    }
  }

  /**
   * What came of a run.
   *
   * @param micros the times of all calls, in order
   * @param refused how often each reason was given
   * @param claims how many credentials and proofs were to be used up
   */
  record Served(List<Long> micros, Map<String, Integer> refused, long claims) {

    long p50Micros() {
      return micros.get(micros.size() / 2);
    }

    long p99Micros() {
      return micros.get(micros.size() * 99 / 100);
    }
  }

  /**
   * Connects to a broker.
   *
   * @param often an issuer whose credentials may be exchanged as often as one likes
   * @param once an issuer whose credentials are for one exchange
   */
  HonestCallers(BrokerProcess broker, FakeIssuer often, FakeIssuer once) {
    this.often = often;
    this.once = once;
    this.http = new TokenClient(broker.uri("/"), connections);
    for (int at = 0; at < COUNT; at++) {
      clients.add(broker.client());
    }
  }

  /** How many calls with a credential for one exchange are made in a second. */
  static long oncePerSecond() {
    return COUNT * 2 / 5 * TimeUnit.SECONDS.toMillis(1) / PERIOD.toMillis();
  }

  /** Calls for that time. */
  Served call(Duration time) throws Exception {
    List<Long> micros = Collections.synchronizedList(new ArrayList<>());
    Map<String, Integer> refused = new ConcurrentSkipListMap<>();
    long begin = System.nanoTime();
    long claims = 0;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Long>> callers = new ArrayList<>();
      for (int at = 0; at < COUNT; at++) {
        int caller = at;
        callers.add(threads.submit(() -> call(caller, begin, time, micros, refused)));
      }
      for (Future<Long> caller : callers) {
        claims += caller.get();
      }
    }
    List<Long> sorted = new ArrayList<>(micros);
    sorted.sort(null);
    return new Served(sorted, refused, claims);
  }

  private long call(
      int caller, long begin, Duration time, List<Long> micros, Map<String, Integer> refused) {
    Way way = Way.values()[caller % Way.values().length];
    String held = often.credential(claims -> claims.put("jti", UUID.randomUUID().toString()));
    long calls = 0;
    long due = begin + PERIOD.toNanos() * caller / COUNT;
    for (; due - begin < time.toNanos(); due += PERIOD.toNanos()) {
      String credential =
          way.isOnce() || way == Way.GRPC_FRESH ? fresh(way.isOnce() ? once : often) : held;
      while (System.nanoTime() < due) {
        LockSupport.parkNanos(due - System.nanoTime());
      }
      String proof = way.hasProof() ? proof(way) : "";
      long called = System.nanoTime();
      String reason =
          way == Way.HTTP_PROOF ? post(credential, proof) : grpc(caller, credential, proof);
      micros.add((System.nanoTime() - called) / 1_000);
      if (!reason.isEmpty()) {
        refused.merge(way + " " + reason, 1, Integer::sum);
      }
      calls++;
    }
    return calls * ((way.isOnce() ? 1 : 0) + (way.hasProof() ? 1 : 0));
  }

  private static String fresh(FakeIssuer issuer) {
    return issuer.credential(claims -> claims.put("jti", UUID.randomUUID().toString()));
  }

  private static String proof(Way way) {
    String uri = way == Way.HTTP_PROOF ? TOKEN_ENDPOINT : ADDRESS + METHOD;
    return TestProof.of(HOLDER, "POST", uri, Instant.now()).signed();
  }

  private String grpc(int caller, String credential, String proof) {
    BrokerClient.Answer answer =
        clients
            .get(caller)
            .exchange(
                BrokerClient.exchangeOf(credential),
                "dpop",
                proof.isEmpty() ? List.of() : List.of(proof));
    return answer.token() != null ? "" : answer.code() + " " + answer.reason();
  }

  private String post(String credential, String proof) {
    TokenClient.Answer answer =
        http.post(TokenClient.exchangeOf(credential), request -> request.header("DPoP", proof));
    return answer.status() == 200 ? "" : answer.status() + " " + answer.text("reason");
  }

  @Override
  public void close() {
    clients.forEach(BrokerClient::close);
    http.close();
  }
}
