package dev.tokenbroker.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edge.BrokerProcess;
import dev.tokenbroker.grpc.BrokerClient;
import dev.tokenbroker.grpc.BrokerClient.Answer;
import dev.tokenbroker.grpc.Eventually;
import dev.tokenbroker.outbound.FakeServer.Reply;
import dev.tokenbroker.outbound.TestTls;
import dev.tokenbroker.v1.Verdict;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged broker with the API server of a cluster as issuer. */
class KubernetesIT {

  private static final String AUDIENCE = "https://broker.example/cluster-a";

  @TempDir Path directory;

  private final TestTls authority = TestTls.generate();
  private final FakeApiServer cluster = FakeApiServer.start(authority.server("localhost"), "key-1");
  private ClusterFiles files = new ClusterFiles(Path.of(""));

  @BeforeEach
  void write() {
    files = new ClusterFiles(directory);
    files.write("a.token", "first-token\n");
    files.write("a.crt", authority.rootPem());
    cluster.accept("first-token");
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  @Test
  void takes_the_keys_with_its_own_token_and_follows_a_rotated_one() {
    try (BrokerProcess broker = start(false);
        BrokerClient client = broker.client()) {
      String old = cluster.credential(AUDIENCE);
      assertThat(exchange(client, old).granted().getTokenType()).isEqualTo("Bearer");
      assertThat(cluster.paths()).containsOnly(FakeApiServer.DISCOVERY, FakeApiServer.KEYS);

      cluster.accept("second-token");
      cluster.rotateKey("key-2");
      String fresh = cluster.credential(AUDIENCE);
      Answer early =
          Eventually.see(
              () -> exchange(client, fresh),
              answer -> broker.lines().stream().anyMatch(KubernetesIT::tellsRefusedAccess));
      assertThat(early.reason()).isEqualTo("KEY_REFETCH_COOLING_DOWN");
      assertThat(exchange(client, old).granted().getTokenType()).isEqualTo("Bearer");

      files.write("a.token", "second-token");
      Answer late = Eventually.see(() -> exchange(client, fresh), answer -> answer.token() != null);

      assertThat(late.granted().getTokenType()).isEqualTo("Bearer");
      assertThat(broker.lines())
          .noneMatch(line -> line.contains("first-token") || line.contains("second-token"));
    }
  }

  private static boolean tellsRefusedAccess(String line) {
    return line.contains("ISSUER_ACCESS_REFUSED") && line.contains("answered with status 401");
  }

  @Test
  void trusts_the_authorities_in_the_file_as_they_are_now() {
    files.write("a.crt", TestTls.generate().rootPem());
    try (BrokerProcess broker = start(false);
        BrokerClient client = broker.client()) {
      assertThat(exchange(client, cluster.credential(AUDIENCE)).reason())
          .isEqualTo("ISSUER_TLS_UNTRUSTED");

      files.write("a.crt", authority.rootPem());

      assertThat(
              Eventually.see(
                      () -> exchange(client, cluster.credential(AUDIENCE)),
                      answer -> answer.token() != null)
                  .granted()
                  .getTokenType())
          .isEqualTo("Bearer");
    }
  }

  /** Accepted, refused, slow and away, in this order. */
  @Test
  void asks_the_cluster_whether_it_still_accepts_a_credential() {
    try (BrokerProcess broker = start(true);
        BrokerClient client = broker.client()) {
      String credential = cluster.credential(AUDIENCE);
      assertThat(exchange(client, credential).granted().getTokenType()).isEqualTo("Bearer");
      assertThat(cluster.reviews())
          .containsExactly(
              Map.of(
                  "apiVersion",
                  "authentication.k8s.io/v1",
                  "kind",
                  "TokenReview",
                  "spec",
                  Map.of("token", credential, "audiences", List.of(AUDIENCE))));
      Verdict verdict = client.explain(BrokerClient.exchangeOf(cluster.credential(AUDIENCE)));
      assertThat(verdict.getStepsList())
          .anyMatch(step -> step.getName().equals("review") && !step.getSeen().isEmpty());

      cluster.answer(
          FakeApiServer.REVIEWS,
          FakeApiServer.reviewed("{\"user\": {}, \"error\": \"pod cart-1 is gone\"}"));
      Answer refused = exchange(client, cluster.credential(AUDIENCE));
      assertThat(refused.reason()).isEqualTo("CREDENTIAL_REFUSED_BY_ISSUER");
      assertThat(refused.pushback()).isEqualTo("-1");

      cluster.answer(FakeApiServer.REVIEWS, Reply.hang());
      Answer slow = exchange(client, cluster.credential(AUDIENCE));
      assertThat(slow.reason()).isEqualTo("TOKEN_REVIEW_UNAVAILABLE");
      assertThat(slow.retryInfo()).isTrue();

      cluster.close();
      Answer away = exchange(client, cluster.credential(AUDIENCE));
      assertThat(away.reason()).isEqualTo("TOKEN_REVIEW_UNAVAILABLE");
      assertThat(broker.lines()).noneMatch(line -> line.contains(credential));
    }
  }

  private BrokerProcess start(boolean review) {
    Path federation =
        files.federation(
            ClusterFiles.issuer("a", cluster, AUDIENCE, review), ClusterFiles.rule("a"));
    return new BrokerProcess.Setup(federation)
        .with("token-broker.issuer.key-cool-down", "200ms")
        .start();
  }

  private static Answer exchange(BrokerClient client, String credential) {
    return client.exchange(BrokerClient.exchangeOf(credential));
  }
}
