package dev.tokenbroker.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.edges.edge.BrokerProcess;
import dev.tokenbroker.edges.edge.Together;
import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.edges.grpc.BrokerClient.Answer;
import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.edges.http.token.TokenClient;
import dev.tokenbroker.issue.sts.FakeUpstream;
import dev.tokenbroker.judge.credential.TestCredential;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import dev.tokenbroker.peers.trust.TestTls;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * One broker with many clusters that have the same {@code iss}. Those that fail do so in their own
 * way: each failure has one reason, the same at both edges, and the calls stay within their bounds.
 * For the others the audience decides whose keys verify a credential.
 */
@Tag("packaged")
class KubernetesFaultsIT {

  /** Long enough that each cluster is asked for its keys once. */
  private static final Duration COOL_DOWN = Duration.ofSeconds(30);

  private static final String HUGE = " ".repeat(300 * 1024);
  private static final Reply ELSEWHERE =
      Reply.of(302, Map.of("Location", "https://elsewhere.example/"), "");

  private static final String NO_ACCESS = "ISSUER_ACCESS_REFUSED";
  private static final String UNTRUSTED = "ISSUER_TLS_UNTRUSTED";
  private static final String NO_KEYS = "KEYS_INVALID";
  private static final String UNREACHABLE = "KEYS_UNREACHABLE";
  private static final String REFUSED = "CREDENTIAL_REFUSED_BY_ISSUER";
  private static final String NO_REVIEW = "TOKEN_REVIEW_UNAVAILABLE";
  private static final List<String> NO_KEY = List.of("KEY_UNKNOWN", "KEY_REFETCH_COOLING_DOWN");

  @TempDir static Path directory;

  private static final TestTls AUTHORITY = TestTls.generate();
  private static final SSLContext SOUND = AUTHORITY.server("localhost");

  /** Those that take their time come first. */
  private static final Map<String, FailingCluster> CLUSTERS = new LinkedHashMap<>();

  private static final long BEGUN = System.nanoTime();

  @AutoClose private static FakeApiServer a;
  @AutoClose private static FakeApiServer b;
  @AutoClose private static BrokerProcess broker;
  @AutoClose private static BrokerClient grpc;
  @AutoClose private static TokenClient http;

  /**
   * A cluster that fails.
   *
   * @param failing the path that fails; empty for all
   */
  private record FailingCluster(FakeApiServer server, String failing, String reason) {}

  @BeforeAll
  static void start() {
    reviewFaults();
    fetchFaults();
    a = server("a", SOUND);
    b = server("b", SOUND);
    ClusterFiles files = new ClusterFiles(directory);
    Path federation =
        files.federation(
            CLUSTERS.entrySet().stream()
                    .map(
                        named ->
                            ClusterFiles.issuer(
                                named.getKey(),
                                named.getValue().server(),
                                audience(named.getKey()),
                                named.getValue().failing().equals(FakeApiServer.REVIEWS)))
                    .collect(Collectors.joining())
                + ClusterFiles.issuer("a", a, audience("a"), false)
                + ClusterFiles.issuer("b", b, audience("b"), false),
            Stream.concat(CLUSTERS.keySet().stream(), Stream.of("a", "b"))
                .map(ClusterFiles::rule)
                .collect(Collectors.joining()));
    broker =
        new BrokerProcess.Setup(federation)
            .with("token-broker.issuer.key-cool-down", COOL_DOWN.toSeconds() + "s")
            .with("token-broker.upstream.guard.attempt-timeout", "3s")
            .with("token-broker.upstream.guard.cool-down", "500ms")
            .with("token-broker.upstream.guard.circuit-failures", "2")
            .with("token-broker.upstream.guard.probe-interval", "200ms")
            .start();
    grpc = broker.client();
    http = new TokenClient(broker.uri("/"), HttpClient.newHttpClient());
  }

  private static void fetchFaults() {
    fetch("fetch-hung", FakeApiServer.KEYS, Reply.hang(), UNREACHABLE);
    fetch("fetch-dripping", FakeApiServer.DISCOVERY, FakeUpstream.drip(), UNREACHABLE);
    fetch("fetch-denied-401", FakeApiServer.KEYS, FakeApiServer.json(401, "{}"), NO_ACCESS);
    fetch("fetch-denied-403", FakeApiServer.DISCOVERY, FakeApiServer.json(403, "{}"), NO_ACCESS);
    fetch("fetch-denied-page", FakeApiServer.KEYS, FakeApiServer.page(403), NO_ACCESS);
    fetch("fetch-throttled", FakeApiServer.KEYS, FakeApiServer.json(429, "{}"), UNREACHABLE);
    fetch("fetch-broken", FakeApiServer.KEYS, FakeApiServer.json(500, "{}"), UNREACHABLE);
    fetch("fetch-malformed", FakeApiServer.KEYS, FakeApiServer.json(200, "{\"keys\":["), NO_KEYS);
    fetch("fetch-empty", FakeApiServer.KEYS, FakeApiServer.json(200, ""), NO_KEYS);
    fetch("fetch-huge", FakeApiServer.KEYS, FakeApiServer.json(200, HUGE), NO_KEYS);
    fetch("fetch-redirected", FakeApiServer.KEYS, ELSEWHERE, NO_KEYS);
    fetch("fetch-page", FakeApiServer.DISCOVERY, FakeApiServer.page(200), NO_KEYS);
    fetch(
        "fetch-other-issuer",
        FakeApiServer.DISCOVERY,
        FakeApiServer.json(200, "{\"issuer\": \"https://other.example\", \"jwks_uri\": \"x\"}"),
        "DISCOVERY_ISSUER_MISMATCH");
    Instant now = Instant.now();
    cluster(
        "fetch-expired",
        AUTHORITY.server(now.minusSeconds(7200), now.minusSeconds(3600), "localhost"),
        "ISSUER_CERTIFICATE_INVALID",
        (name, server) -> {});
    cluster(
        "fetch-other-host",
        AUTHORITY.server("other.example"),
        "ISSUER_CERTIFICATE_INVALID",
        (name, server) -> {});
    cluster(
        "fetch-unknown-authority",
        TestTls.generate().server("localhost"),
        UNTRUSTED,
        (name, server) -> {});
    file("fetch-no-token-file", NO_ACCESS, name -> name + ".token", null);
    file("fetch-empty-token-file", NO_ACCESS, name -> name + ".token", "\n");
    file("fetch-two-lines-in-token-file", NO_ACCESS, name -> name + ".token", "one\ntwo\n");
    file("fetch-no-authority-file", UNTRUSTED, name -> name + ".crt", null);
    file("fetch-empty-authority-file", UNTRUSTED, name -> name + ".crt", "");
    file("fetch-garbage-in-authority-file", UNTRUSTED, name -> name + ".crt", "no certificate");
  }

  private static void reviewFaults() {
    review("review-hung", Reply.hang(), NO_REVIEW);
    review("review-denied-401", FakeApiServer.json(401, "{}"), NO_ACCESS);
    review("review-denied-403", FakeApiServer.json(403, "{}"), NO_ACCESS);
    review("review-throttled", FakeApiServer.json(429, "{}"), NO_REVIEW);
    review("review-broken", FakeApiServer.json(500, "{}"), NO_REVIEW);
    review("review-not-there", FakeApiServer.json(404, "{}"), NO_REVIEW);
    review("review-malformed", FakeApiServer.json(201, "{\"status\":"), NO_REVIEW);
    review("review-empty", FakeApiServer.json(201, ""), NO_REVIEW);
    review("review-of-another-kind", FakeApiServer.json(201, "{\"status\": {}}"), NO_REVIEW);
    review("review-dropped", Reply.drop(), NO_REVIEW);
    review("review-huge", FakeApiServer.json(201, HUGE), NO_REVIEW);
    review("review-redirected", ELSEWHERE, NO_REVIEW);
    review("review-page", FakeApiServer.page(200), NO_REVIEW);
    review("review-no", FakeApiServer.reviewed("{\"user\": {}, \"error\": \"gone\"}"), REFUSED);
    review("review-no-status", FakeApiServer.reviewed("{}"), REFUSED);
    review("review-yes-as-text", FakeApiServer.reviewed("{\"authenticated\": \"true\"}"), REFUSED);
    review("review-no-audience", FakeApiServer.reviewed("{\"authenticated\": true}"), REFUSED);
    review(
        "review-wrong-audience",
        FakeApiServer.reviewed("{\"authenticated\": true, \"audiences\": [\"other\"]}"),
        REFUSED);
  }

  private static void fetch(String name, String path, Reply reply, String reason) {
    cluster(name, SOUND, reason, (_, server) -> server.answer(path, reply));
  }

  private static void file(
      String name, String reason, UnaryOperator<String> file, @Nullable String content) {
    cluster(name, SOUND, reason, (_, _) -> {});
    if (content == null) {
      assertThat(directory.resolve(file.apply(name)).toFile().delete()).isTrue();
    } else {
      new ClusterFiles(directory).write(file.apply(name), content);
    }
  }

  private static void review(String name, Reply reply, String reason) {
    FakeApiServer server = server(name, SOUND);
    server.answer(FakeApiServer.REVIEWS, reply);
    CLUSTERS.put(name, new FailingCluster(server, FakeApiServer.REVIEWS, reason));
  }

  private static void cluster(
      String name, SSLContext tls, String reason, BiConsumer<String, FakeApiServer> fault) {
    FakeApiServer server = server(name, tls);
    fault.accept(name, server);
    CLUSTERS.put(name, new FailingCluster(server, "", reason));
  }

  private static FakeApiServer server(String name, SSLContext tls) {
    ClusterFiles files = new ClusterFiles(directory);
    files.write(name + ".token", "token-of-" + name + "\r\n");
    files.write(name + ".crt", "# of " + name + "\n" + AUTHORITY.rootPem());
    FakeApiServer server = FakeApiServer.start(tls, "key-of-" + name);
    server.accept("token-of-" + name);
    return server;
  }

  @AfterAll
  static void stop() {
    CLUSTERS.values().forEach(cluster -> cluster.server().close());
  }

  private static String audience(String cluster) {
    return "https://broker.example/" + cluster;
  }

  @TestFactory
  Stream<DynamicTest> has_one_reason_at_both_edges_for() {
    return Together.check(
        CLUSTERS.entrySet(),
        Map.Entry::getKey,
        named -> assertOneReason(named.getKey(), named.getValue()));
  }

  private static void assertOneReason(String name, FailingCluster cluster) {
    String audience = audience(name);
    List<String> reasons = new ArrayList<>();
    List<String> told = new ArrayList<>();
    for (int call = 0; call < 3; call++) {
      Answer overGrpc =
          grpc.exchange(BrokerClient.exchangeOf(cluster.server().credential(audience)));
      TokenClient.Answer overHttp =
          http.post(TokenClient.exchangeOf(cluster.server().credential(audience)));
      reasons.add(overGrpc.reason());
      reasons.add(overHttp.text("reason"));
      told.add(overGrpc + " " + overHttp);
    }

    assertThat(reasons).as("%s", told).containsOnly(cluster.reason());
    // The caller learns nothing of the token, the server or its answer.
    assertThat(String.join("\n", told))
        .doesNotContain("token-of-", cluster.server().origin(), "elsewhere", "gone");
    if (cluster.failing().equals(FakeApiServer.REVIEWS)) {
      assertReviewsAreBounded(cluster, audience);
    } else {
      // The bound B7, over the whole time of the broker, which is less than a ttl.
      assertThat(cluster.server().fetches()).isLessThanOrEqualTo(2 + coolDowns() + 1);
      assertThat(cluster.server().reviews()).isEmpty();
    }
  }

  /** A refusal is not remembered, an acceptance is. */
  private static void assertReviewsAreBounded(FailingCluster cluster, String audience) {
    FakeApiServer server = cluster.server();
    // Six evaluations, each with a retry at most; the budget of retries bounds the rest.
    assertThat(server.calls(FakeApiServer.REVIEWS)).isBetween(1, 6 + 5);
    server.recover(FakeApiServer.REVIEWS);
    String credential =
        Eventually.see(
            () -> {
              String next = server.credential(audience);
              return grpc.exchange(BrokerClient.exchangeOf(next)).token() == null ? "" : next;
            },
            accepted -> !accepted.isEmpty());
    assertThat(credential).isNotEmpty();
    int before = server.reviews().size();
    for (int call = 0; call < 3; call++) {
      assertThat(grpc.explain(BrokerClient.exchangeOf(credential)).getReason()).isEmpty();
    }
    assertThat(server.reviews().size() - before).isLessThanOrEqualTo(1);
  }

  @Test
  void accepts_no_credential_of_one_cluster_for_the_other() {
    assertBothWork();

    for (int again = 0; again < 20; again++) {
      assertNotTaken(a, audience("a"), b, audience("b"));
      assertNotTaken(b, audience("b"), a, audience("a"));
    }

    assertBothWork();
    assertThat(List.of(a.fetches(), b.fetches()))
        .allSatisfy(fetches -> assertThat(fetches).isBetween(2, coolDowns() + 4));
  }

  private static void assertBothWork() {
    for (String credential : List.of(a.credential(audience("a")), b.credential(audience("b")))) {
      assertThat(grpc.exchange(BrokerClient.exchangeOf(credential)).token()).isNotNull();
    }
  }

  /** Credentials that one of the clusters could make, and that no federation may accept. */
  private static void assertNotTaken(
      FakeApiServer signing, String own, FakeApiServer other, String foreign) {
    TestKey key = signing.key();
    String kid = other.key().kid();
    assertThat(reason(signing.credential(key, foreign))).isIn(NO_KEY);
    assertThat(reason(signing.credential(key, own).header("kid", kid))).isIn(NO_KEY);
    assertThat(reason(signing.credential(key, foreign).header("kid", kid)))
        .isEqualTo("SIGNATURE_INVALID");
    assertThat(reason(signing.credential(key, foreign).withoutHeader("kid")))
        .isEqualTo("SIGNATURE_INVALID");
    assertThat(reason(signing.credential(key, own, foreign))).isEqualTo("ISSUER_AMBIGUOUS");
    assertThat(reason(signing.credential(key, own + "/", "https://elsewhere.example")))
        .isEqualTo("AUDIENCE_MISMATCH");
  }

  private static String reason(TestCredential credential) {
    return grpc.exchange(BrokerClient.exchangeOf(credential.sign())).reason();
  }

  /** How many cool-downs there may have been. */
  private static int coolDowns() {
    return (int) Duration.ofNanos(System.nanoTime() - BEGUN).dividedBy(COOL_DOWN);
  }
}
