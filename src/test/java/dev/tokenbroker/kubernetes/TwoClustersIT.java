package dev.tokenbroker.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edge.BrokerProcess;
import dev.tokenbroker.grpc.BrokerClient;
import dev.tokenbroker.grpc.BrokerClient.Answer;
import dev.tokenbroker.jose.TestKey;
import dev.tokenbroker.outbound.TestTls;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two clusters with the same {@code iss}: the audience decides whose keys verify a credential. */
class TwoClustersIT {

  private static final int CROSSED = 10_000;
  private static final long SEED = 20261129L;
  private static final String FOR_A = "https://broker.example/cluster-a";
  private static final String FOR_B = "https://broker.example/cluster-b";
  private static final Duration COOL_DOWN = Duration.ofSeconds(30);

  @TempDir Path directory;

  private final TestTls authority = TestTls.generate();
  private final FakeApiServer a = FakeApiServer.start(authority.server("localhost"), "key-a");
  private final FakeApiServer b = FakeApiServer.start(authority.server("localhost"), "key-b");

  @AfterEach
  void stop() {
    a.close();
    b.close();
  }

  @Test
  void accepts_no_credential_of_one_cluster_for_the_other() {
    ClusterFiles files = new ClusterFiles(directory);
    for (String name : new String[] {"a", "b"}) {
      files.write(name + ".token", "token-of-" + name);
      files.write(name + ".crt", authority.rootPem());
    }
    a.accept("token-of-a");
    b.accept("token-of-b");
    Path federation =
        files.federation(
            ClusterFiles.issuer("a", a, FOR_A, false) + ClusterFiles.issuer("b", b, FOR_B, false),
            ClusterFiles.rule("a") + ClusterFiles.rule("b"));
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);
    Map<String, Integer> reasons = new TreeMap<>();
    try (BrokerProcess broker =
            new BrokerProcess.Setup(federation)
                .with("token-broker.issuer.key-cool-down", COOL_DOWN.toSeconds() + "s")
                .start();
        BrokerClient client = broker.client()) {
      long begun = System.nanoTime();
      assertBothWork(client);

      for (int at = 0; at < CROSSED; at++) {
        Answer answer = client.exchange(BrokerClient.exchangeOf(crossed(random)));
        assertThat(answer.token()).as("seed %d, credential %d", SEED, at).isNull();
        reasons.merge(answer.reason(), 1, Integer::sum);
      }

      assertBothWork(client);
      System.out.printf("TwoClustersIT: seed %d, %s%n", SEED, reasons);
      assertThat(reasons.keySet())
          .contains("AUDIENCE_MISMATCH", "ISSUER_AMBIGUOUS", "SIGNATURE_INVALID")
          .isSubsetOf(
              "AUDIENCE_MISMATCH",
              "ISSUER_AMBIGUOUS",
              "SIGNATURE_INVALID",
              "KEY_REFETCH_COOLING_DOWN",
              "KEY_UNKNOWN");
      long coolDowns = Duration.ofNanos(System.nanoTime() - begun).dividedBy(COOL_DOWN);
      assertThat(a.fetches()).isBetween(2, (int) coolDowns + 4);
      assertThat(b.fetches()).isBetween(2, (int) coolDowns + 4);
    }
  }

  private void assertBothWork(BrokerClient client) {
    for (String credential : new String[] {a.credential(FOR_A), b.credential(FOR_B)}) {
      Answer answer = client.exchange(BrokerClient.exchangeOf(credential));
      assertThat(answer.granted().getTokenType()).isEqualTo("Bearer");
    }
  }

  /** A credential that one of the clusters could make, and that no federation may accept. */
  private String crossed(RandomGenerator random) {
    boolean byA = random.nextBoolean();
    FakeApiServer signing = byA ? a : b;
    TestKey key = signing.key();
    String own = byA ? FOR_A : FOR_B;
    String other = byA ? FOR_B : FOR_A;
    String otherKid = byA ? b.key().kid() : a.key().kid();
    return switch (random.nextInt(6)) {
      case 0 -> signing.credential(key, other).sign();
      case 1 -> signing.credential(key, other).header("kid", otherKid).sign();
      case 2 -> signing.credential(key, other).withoutHeader("kid").sign();
      case 3 -> signing.credential(key, own).header("kid", otherKid).sign();
      case 4 -> signing.credential(key, own, other).sign();
      default -> signing.credential(key, own + "/", "https://elsewhere.example").sign();
    };
  }
}
