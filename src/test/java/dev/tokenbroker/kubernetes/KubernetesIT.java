package dev.tokenbroker.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.edge.BrokerProcess;
import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.edges.grpc.BrokerClient.Answer;
import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import dev.tokenbroker.peers.trust.TestTls;
import dev.tokenbroker.v1.Verdict;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged broker with the API servers of clusters as issuers. */
@Tag("packaged")
class KubernetesIT {

  @TempDir static Path directory;

  private static final TestTls AUTHORITY = TestTls.generate();
  @AutoClose private static FakeApiServer rotated;
  @AutoClose private static FakeApiServer reissued;
  @AutoClose private static FakeApiServer reviewed;

  private static ClusterFiles files;
  @AutoClose private static BrokerProcess broker;
  @AutoClose private static BrokerClient client;

  private static FakeApiServer cluster() {
    FakeApiServer cluster = FakeApiServer.start(AUTHORITY.server("localhost"), "key-1");
    cluster.accept("first-token");
    return cluster;
  }

  @BeforeAll
  static void start() {
    rotated = cluster();
    reissued = cluster();
    reviewed = cluster();
    files = new ClusterFiles(directory);
    for (String name : List.of("rotated", "reissued", "reviewed")) {
      files.write(name + ".token", "first-token\n");
      files.write(name + ".crt", AUTHORITY.rootPem());
    }
    files.write("reissued.crt", TestTls.generate().rootPem());
    Path federation =
        files.federation(
            ClusterFiles.issuer("rotated", rotated, "rotated", false)
                + ClusterFiles.issuer("reissued", reissued, "reissued", false)
                + ClusterFiles.issuer("reviewed", reviewed, "reviewed", true),
            ClusterFiles.rule("rotated")
                + ClusterFiles.rule("reissued")
                + ClusterFiles.rule("reviewed"));
    broker =
        new BrokerProcess.Setup(federation)
            .with("token-broker.issuer.key-cool-down", "200ms")
            .with("token-broker.upstream.guard.attempt-timeout", "3s")
            .with("token-broker.upstream.guard.max-attempts", "1")
            .start();
    client = broker.client();
  }

  @Test
  void takes_the_keys_with_its_own_token_and_follows_a_rotated_one() {
    String old = rotated.credential("rotated");
    assertThat(exchange(old).granted().getTokenType()).isEqualTo("Bearer");
    assertThat(rotated.paths()).containsOnly(FakeApiServer.DISCOVERY, FakeApiServer.KEYS);

    rotated.accept("second-token");
    rotated.rotateKey("key-2");
    String fresh = rotated.credential("rotated");
    Answer early =
        Eventually.see(
            () -> exchange(fresh),
            answer -> broker.lines().stream().anyMatch(KubernetesIT::tellsRefusedAccess));
    assertThat(early.reason()).isEqualTo("KEY_REFETCH_COOLING_DOWN");
    assertThat(exchange(old).granted().getTokenType()).isEqualTo("Bearer");

    files.write("rotated.token", "second-token");
    Answer late = Eventually.see(() -> exchange(fresh), answer -> answer.token() != null);

    assertThat(late.granted().getTokenType()).isEqualTo("Bearer");
    assertThat(broker.lines())
        .noneMatch(line -> line.contains("first-token") || line.contains("second-token"));
  }

  private static boolean tellsRefusedAccess(String line) {
    return line.contains("ISSUER_ACCESS_REFUSED") && line.contains("answered with status 401");
  }

  @Test
  void trusts_the_authorities_in_the_file_as_they_are_now() {
    assertThat(exchange(reissued.credential("reissued")).reason())
        .isEqualTo("ISSUER_TLS_UNTRUSTED");

    files.write("reissued.crt", AUTHORITY.rootPem());

    assertThat(
            Eventually.see(
                    () -> exchange(reissued.credential("reissued")),
                    answer -> answer.token() != null)
                .granted()
                .getTokenType())
        .isEqualTo("Bearer");
  }

  /** Accepted, refused, slow and away, in this order. */
  @Test
  void asks_the_cluster_whether_it_still_accepts_a_credential() {
    String credential = reviewed.credential("reviewed");
    assertThat(exchange(credential).granted().getTokenType()).isEqualTo("Bearer");
    assertThat(reviewed.reviews())
        .containsExactly(
            Map.of(
                "apiVersion", "authentication.k8s.io/v1",
                "kind", "TokenReview",
                "spec", Map.of("token", credential, "audiences", List.of("reviewed"))));
    Verdict verdict = client.explain(BrokerClient.exchangeOf(reviewed.credential("reviewed")));
    assertThat(verdict.getStepsList())
        .anyMatch(step -> step.getName().equals("review") && !step.getSeen().isEmpty());

    reviewed.answer(
        FakeApiServer.REVIEWS,
        FakeApiServer.reviewed("{\"user\": {}, \"error\": \"pod cart-1 is gone\"}"));
    Answer refused = exchange(reviewed.credential("reviewed"));
    assertThat(refused.reason()).isEqualTo("CREDENTIAL_REFUSED_BY_ISSUER");
    assertThat(refused.pushback()).isEqualTo("-1");

    reviewed.answer(FakeApiServer.REVIEWS, Reply.hang());
    Answer slow = exchange(reviewed.credential("reviewed"));
    assertThat(slow.reason()).isEqualTo("TOKEN_REVIEW_UNAVAILABLE");
    assertThat(slow.retryInfo()).isTrue();

    reviewed.close();
    Answer away = exchange(reviewed.credential("reviewed"));
    assertThat(away.reason()).isEqualTo("TOKEN_REVIEW_UNAVAILABLE");
    assertThat(broker.lines()).noneMatch(line -> line.contains(credential));
  }

  private static Answer exchange(String credential) {
    return client.exchange(BrokerClient.exchangeOf(credential));
  }
}
