package dev.tokenbroker.edges.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.SignedJWT;
import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.peers.http.FakeServer;
import dev.tokenbroker.peers.trust.TestTls;
import dev.tokenbroker.v1.ExchangeTokenResponse;
import io.grpc.Status.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What must be new at each start, or be found out there, and not be fixed in what was built: keys,
 * chance, clock, environment, trust, addresses. And that a start needs no place to write.
 */
@Tag("packaged")
class FreshStartIT {

  /** A directory that nobody can write to, not even root. */
  private static final Path READ_ONLY = Path.of("/proc");

  @TempDir Path directory;

  @AutoClose private final FakeIssuer issuer = FakeIssuer.start();

  /** One start: what was signed there, and by which verdict. */
  private record Start(SignedJWT token, String verdictId) {}

  @Test
  void has_as_many_event_loops_as_processors_by_default() throws Exception {
    Path federation = Documents.write(directory, Documents.granting("payments-api", issuer));
    BrokerProcess.Setup setup = new BrokerProcess.Setup(federation);
    try (BrokerProcess broker = setup.start()) {
      assertThat(eventLoops(broker)).isEqualTo(Runtime.getRuntime().availableProcessors());
    }
    try (BrokerProcess broker =
        setup.environment("QUARKUS_VERTX_EVENT_LOOPS_POOL_SIZE", "5").start()) {
      assertThat(eventLoops(broker)).isEqualTo(5);
    }
  }

  /**
   * Threads by that name; the JVM gives the kernel the first 15 characters, an executable the last.
   */
  private static long eventLoops(BrokerProcess broker) throws IOException {
    try (Stream<Path> threads = Files.list(Path.of("/proc/" + broker.pid() + "/task"))) {
      return threads
          .map(FreshStartIT::nameOf)
          .filter(name -> name.startsWith("vert.x-eventloo") || name.startsWith("ntloop-thread-"))
          .count();
    }
  }

  private static String nameOf(Path thread) {
    try {
      return Files.readString(thread.resolve("comm"));
    } catch (IOException ended) {
      return "";
    }
  }

  @Test
  void each_start_has_its_own_keys_and_chance_and_the_clock_of_now() throws Exception {
    Path federation = Documents.write(directory, Documents.granting("payments-api", issuer));
    BrokerProcess.Setup setup =
        new BrokerProcess.Setup(federation)
            .without("token-broker.token.issuer")
            .environment("TOKEN_BROKER_TOKEN_ISSUER", "https://by-environment.example")
            .with("java.io.tmpdir", READ_ONLY.toString())
            .in(READ_ONLY);

    Start first = start(setup.with("token-broker.token.algorithm", "EdDSA"));
    Start second = start(setup.with("token-broker.token.algorithm", "RS256"));
    Start third = start(setup);

    assertThat(List.of(first, second, third))
        .extracting(start -> start.token().getHeader().getAlgorithm().getName())
        .containsExactly("EdDSA", "RS256", "RS256");
    assertThat(List.of(first, second, third))
        .extracting(start -> start.token().getHeader().getKeyID())
        .doesNotHaveDuplicates();
    assertThat(List.of(first, second, third))
        .extracting(start -> start.token().getJWTClaimsSet().getJWTID())
        .doesNotHaveDuplicates();
    assertThat(List.of(first, second, third)).extracting(Start::verdictId).doesNotHaveDuplicates();
    assertThat(third.token().getJWTClaimsSet().getIssueTime().toInstant())
        .isCloseTo(Instant.now(), within(20, ChronoUnit.SECONDS));
  }

  private Start start(BrokerProcess.Setup setup) throws Exception {
    try (BrokerProcess broker = setup.start();
        BrokerClient client = broker.client()) {
      ExchangeTokenResponse granted =
          client.exchange(Documents.request("payments-api", issuer)).granted();
      assertThat(
              JSONObjectUtils.parse(
                  Http.get(broker.uri("/.well-known/openid-configuration")).body()))
          .containsEntry("issuer", "https://by-environment.example");
      SignedJWT token = PublishedKeys.of(broker.uri("/")).verified(granted.getAccessToken());
      assertThat(Files.exists(READ_ONLY.resolve("quarkus.log"))).isFalse();
      return new Start(token, granted.getVerdictId());
    }
  }

  @Test
  void trusts_and_finds_by_files_that_are_named_at_the_start() throws Exception {
    TestTls authority = TestTls.generate();
    Path root = authority.writeRoot(directory);
    Path hosts = Files.writeString(directory.resolve("hosts"), "127.0.0.1 keys.example\n");
    try (FakeServer keys =
        FakeServer.startTls(
            authority.server("keys.example"),
            request ->
                FakeServer.Reply.of(
                    200, Map.of("Content-Type", "application/json"), issuer.jwks()))) {
      String jwksUri = ", jwksUri: 'https://keys.example:%d/jwks.json'".formatted(keys.port());
      Path federation =
          Documents.write(directory, Documents.granting("payments-api", issuer, jwksUri));
      BrokerProcess.Setup setup =
          new BrokerProcess.Setup(federation).with("jdk.net.hosts.file", hosts.toString());

      assertThat(outcome(setup)).isEqualTo(Code.UNAVAILABLE);
      assertThat(outcome(setup.environment("SSL_CERT_FILE", root.toString()))).isEqualTo(Code.OK);
    }
  }

  private Code outcome(BrokerProcess.Setup setup) {
    try (BrokerProcess broker = setup.start();
        BrokerClient client = broker.client()) {
      return client.exchange(Documents.request("payments-api", issuer)).code();
    }
  }
}
