package dev.tokenbroker.edges.edge;

import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.edges.console.LiveClient;
import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.edges.http.token.TokenClient;
import dev.tokenbroker.judge.credential.TestCredential;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.judge.possession.TestProof;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * One identity and one registered client, with a connection of its own. Safe for use by several
 * threads.
 */
final class Neighbour implements AutoCloseable {

  static final String BROKER = "https://broker.example";

  private static final int MOST_STREAMS = 64;
  private static final Map<String, TestKey> KEYS = new ConcurrentSkipListMap<>();

  private final BrokerProcess broker;
  private final String name;
  private final FakeIssuer issuer;
  private final FakeIssuer once;
  private final boolean greedy;
  private final TestKey key;
  private final BrokerClient grpc;
  private final HttpClient connections =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final String operator;
  private final String held;
  private final Deque<LiveClient> streams = new ArrayDeque<>();
  private final Map<String, Integer> answers = new ConcurrentSkipListMap<>();

  /** What each caller may do, and one does without end. */
  enum Call {
    UPSTREAM,
    PROOF,
    ASSERTION,
    ONCE,
    REVOCATION,
    STREAM,
    EXPLANATION,
    VERDICT
  }

  /**
   * Connects to a broker.
   *
   * @param once an issuer whose credentials are for one exchange
   * @param greedy whether its calls vary all that they may, and its streams stay open
   */
  Neighbour(BrokerProcess broker, String name, FakeIssuer issuer, FakeIssuer once, boolean greedy) {
    this.broker = broker;
    this.name = name;
    this.issuer = issuer;
    this.once = once;
    this.greedy = greedy;
    this.key = key(name);
    this.grpc = broker.client();
    this.operator = grpc.brokerToken(credential(issuer), "operate");
    this.held = grpc.accessToken(BrokerClient.exchangeOf(credential(issuer)));
  }

  /** The key of the client of that name. */
  static TestKey key(String name) {
    return KEYS.computeIfAbsent(name, TestKey::fast);
  }

  /** How often each answer came: empty for a good one, else the status and the reason. */
  Map<String, Integer> answers() {
    return answers;
  }

  /** Calls once; returns the status and the reason of a refusal, or an empty text. */
  String call(Call call) {
    String answer =
        switch (call) {
          case UPSTREAM -> upstream();
          case PROOF -> proof();
          case ASSERTION -> assertion();
          case ONCE -> of(grpc.exchange(BrokerClient.exchangeOf(credential(once))));
          case REVOCATION -> revocation();
          case STREAM -> stream();
          case EXPLANATION -> explanation();
          case VERDICT -> verdict();
        };
    answers.merge(answer, 1, Integer::sum);
    return answer;
  }

  private String upstream() {
    var request = BrokerClient.exchangeOf("orders", credential(issuer)).toBuilder();
    if (!greedy) {
      return of(grpc.exchange(request.build()));
    }
    ThreadLocalRandom random = ThreadLocalRandom.current();
    request.getLifetimeBuilder().setSeconds(200).setNanos(random.nextInt(1_000_000_000));
    if (random.nextBoolean()) {
      request.addScopes("write").addScopes("read");
    } else {
      request.addScopes("read");
    }
    TestKey fresh = TestKey.fast("fresh");
    return of(grpc.exchange(request.build(), "dpop", List.of(signed(fresh, HonestCallers.METHOD))));
  }

  private String proof() {
    TestKey holder = greedy ? TestKey.fast("fresh") : key;
    return of(
        grpc.exchange(
            BrokerClient.exchangeOf(credential(issuer)),
            "dpop",
            List.of(signed(holder, HonestCallers.METHOD))));
  }

  private static String signed(TestKey holder, String method) {
    return TestProof.of(holder, "POST", HonestCallers.ADDRESS + method, Instant.now()).signed();
  }

  private String assertion() {
    Instant now = Instant.now();
    String assertion =
        TestCredential.of(key)
            .claim("iss", "client-" + name)
            .claim("sub", "client-" + name)
            .claim("aud", BROKER)
            .claim("jti", UUID.randomUUID().toString())
            .claim("iat", now.getEpochSecond())
            .claim("nbf", now.getEpochSecond())
            .claim("exp", now.plusSeconds(120).getEpochSecond())
            .sign();
    TokenClient.Form form =
        greedy ? TokenClient.exchangeOf("x") : new TokenClient.Form().add("token", held);
    form.add("client_assertion_type", TokenClient.CLIENT_ASSERTION_TYPE)
        .add("client_assertion", assertion);
    return of(Http.post(broker.uri(greedy ? "/token" : "/introspect"), form.encoded()));
  }

  private String revocation() {
    BrokerClient.Answer granted = grpc.exchange(BrokerClient.exchangeOf(credential(issuer)));
    if (granted.token() == null) {
      return of(granted);
    }
    String token = granted.token().getAccessToken();
    return of(
        Http.post(broker.uri("/revoke"), "token=" + token, "Authorization", "Bearer " + token));
  }

  private String stream() {
    LiveClient stream = LiveClient.open(connections, broker.uri("/"), operator);
    if (stream.answer().statusCode() != 200) {
      String reason = stream.answer().statusCode() + " " + stream.reason();
      stream.close();
      return reason;
    }
    synchronized (streams) {
      streams.add(stream);
      if (!greedy || streams.size() > MOST_STREAMS) {
        streams.remove().close();
      }
    }
    return "";
  }

  private String explanation() {
    String form =
        new TokenClient.Form()
            .add("audience", "payments-api")
            .add("subject_token", credential(issuer))
            .encoded();
    return of(Http.post(broker.uri("/explain"), form, "Authorization", "Bearer " + operator));
  }

  private String verdict() {
    BrokerClient.Answer granted = grpc.exchange(BrokerClient.exchangeOf(credential(issuer)));
    if (granted.token() == null) {
      return of(granted);
    }
    String path = "/verdicts/" + granted.token().getVerdictId();
    return of(Http.get(broker.uri(path), "Authorization", "Bearer " + operator));
  }

  private String credential(FakeIssuer signer) {
    return signer.credential(
        claims -> {
          claims.put("sub", name);
          claims.put("jti", UUID.randomUUID().toString());
        });
  }

  private static String of(BrokerClient.Answer answer) {
    return answer.token() != null ? "" : answer.code() + " " + answer.reason();
  }

  private static String of(HttpResponse<String> answer) {
    // The reason is the first word in capitals of each refusal.
    return answer.statusCode() == 200
        ? ""
        : answer.statusCode()
            + " "
            + answer.body().replaceAll("(?s)^.*?\\b([A-Z]+(_[A-Z]+)+)\\b.*$", "$1");
  }

  @Override
  public void close() {
    synchronized (streams) {
      streams.forEach(LiveClient::close);
    }
    grpc.close();
    connections.shutdownNow();
  }
}
