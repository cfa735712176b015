package dev.tokenbroker.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edge.BrokerProcess;
import dev.tokenbroker.grpc.BrokerClient;
import dev.tokenbroker.grpc.BrokerClient.Answer;
import dev.tokenbroker.grpc.Eventually;
import dev.tokenbroker.issuer.FakeIssuer;
import dev.tokenbroker.jose.SigningAlgorithm;
import dev.tokenbroker.jose.TestKey;
import dev.tokenbroker.possession.TestProof;
import dev.tokenbroker.signing.TestKeyFiles;
import io.grpc.Status;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two replicas and the faults of their store: each row of the table in src/docs/store.md. */
@Tag("store")
class StoreFaultsIT {

  private static final TestKey HOLDER = TestKey.generate("holder", SigningAlgorithm.ES256);
  private static final String ADDRESS = "https://broker.example";
  private static final String CALL = "/tokenbroker.v1.TokenBroker/ExchangeToken";
  private static final Duration RECOVERY = Duration.ofSeconds(5);

  @TempDir Path directory;

  private final FakeIssuer issuer = FakeIssuer.start();
  private final FakeIssuer often = FakeIssuer.start();
  private ValkeyServer server;
  private SlowLink link;
  private BrokerProcess first;
  private BrokerProcess second;
  private BrokerClient one;
  private BrokerClient two;

  @BeforeEach
  void start() throws IOException {
    server = ValkeyServer.start(directory);
    link = new SlowLink(server.port());
    Files.writeString(directory.resolve("store.key"), "k".repeat(32));
    Files.writeString(
        directory.resolve("signing.pem"),
        TestKeyFiles.pem(TestKeyFiles.ec("secp256r1").getPrivate()));
    first = setup().launch();
    second = setup().launch();
    one = first.client();
    two = second.client();
    exchanges(one, credential());
    exchanges(two, credential());
  }

  @AfterEach
  void stop() {
    Stream.<AutoCloseable>of(one, two, first, second, link, server, issuer, often)
        .forEach(
            closed -> {
              try {
                closed.close();
              } catch (Exception broken) {
                throw new AssertionError(broken);
              }
            });
  }

  @Test
  void what_one_replica_has_exchanged_is_used_at_the_other_and_the_store_tells_nobody() {
    String credential = credential();
    String token = asked(one, credential).granted().getAccessToken();
    TestProof proof = proof();
    assertThat(asked(one, proof).granted().getTokenType()).isEqualTo("DPoP");

    Answer again = asked(two, credential);

    assertThat(again.reason()).isEqualTo("CREDENTIAL_ALREADY_USED");
    assertThat(again.pushback()).isEqualTo("-1");
    assertThat(asked(two, proof).reason()).isEqualTo("DPOP_PROOF_REPLAYED");
    List<String> names =
        server.admin("KEYS", "*").stream()
            .filter(name -> name.contains(":once}") || name.contains(":dpop}"))
            .toList();
    List<String> values = names.stream().map(name -> server.admin("GET", name).getFirst()).toList();
    assertThat(names).hasSize(4).allMatch(name -> name.matches("\\{[\\w:-]+}:[\\w-]{43}"));
    assertThat(values).allMatch(value -> value.matches("[\\w-]{87}"));
    assertThat(Stream.concat(names.stream(), values.stream()))
        .noneMatch(text -> credential.contains(text) || token.contains(text));
  }

  @Test
  void killed_and_started_again_empty() {
    refusesWhile(server::close, () -> server.start());
  }

  @Test
  void hung() {
    refusesWhile(server::hang, server::goOn);
  }

  @Test
  void slow_by_half_a_second() {
    refusesWhile(() -> link.delay(500), () -> link.delay(0));
  }

  @Test
  void full() {
    refusesWhile(
        () -> {
          server.admin("CONFIG", "SET", "maxmemory-policy", "noeviction");
          server.admin("CONFIG", "SET", "maxmemory", "1");
        },
        () -> server.admin("CONFIG", "SET", "maxmemory", "0"));
  }

  @Test
  void with_another_password() {
    refusesWhile(
        () -> {
          server.admin("ACL", "SETUSER", ValkeyServer.USER, "resetpass", ">another");
          server.admin("CLIENT", "KILL", "USER", ValkeyServer.USER);
        },
        () ->
            server.admin(
                "ACL", "SETUSER", ValkeyServer.USER, "resetpass", ">" + ValkeyServer.PASSWORD));
  }

  @Test
  void with_the_certificate_of_another_host() {
    refusesWhile(
        () -> {
          server.close();
          server.certificateFor("elsewhere.example");
          server.start();
        },
        () -> {
          server.close();
          server.certificateFor("localhost");
          server.start();
        });
  }

  /** The row of once-only credentials, before, during and after a fault. */
  private void refusesWhile(Runnable fault, Runnable mend) {
    String usedBefore = credential();
    exchanges(one, usedBefore);
    String held = credential();

    fault.run();
    for (int attempt = 0; attempt < 10; attempt++) {
      Answer refused = one.exchange(BrokerClient.exchangeOf(held));
      assertThat(refused.code()).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(refused.reason()).isEqualTo("STORE_UNAVAILABLE");
      assertThat(Integer.parseInt(refused.pushback())).isBetween(1, 5000);
    }
    assertThat(two.exchange(BrokerClient.exchangeOf(held)).reason()).isEqualTo("STORE_UNAVAILABLE");
    TestProof proof = proof();
    assertThat(exchange(one, proof).reason()).isEqualTo("STORE_UNAVAILABLE");
    assertThat(one.exchange(BrokerClient.exchangeOf(usedBefore)).reason())
        .isEqualTo("CREDENTIAL_ALREADY_USED");
    exchanges(one, often.credential());
    assertThat(first.lines())
        .anyMatch(line -> line.contains("The store of the replicas is away"))
        .noneMatch(line -> line.contains(ValkeyServer.PASSWORD));

    mend.run();
    long mended = System.nanoTime();
    exchanges(two, held);
    assertThat(Duration.ofNanos(System.nanoTime() - mended)).isLessThan(RECOVERY);
    assertThat(asked(one, proof).granted().getTokenType()).isEqualTo("DPoP");
    assertThat(asked(two, proof).reason()).isEqualTo("DPOP_PROOF_REPLAYED");
    assertThat(asked(one, held).reason()).isEqualTo("CREDENTIAL_ALREADY_USED");
  }

  private Answer asked(BrokerClient client, TestProof proof) {
    return Eventually.see(
        () -> exchange(client, proof), answer -> !answer.reason().equals("STORE_UNAVAILABLE"));
  }

  /** Sends a proof along with a credential that may be exchanged as often as one likes. */
  private Answer exchange(BrokerClient client, TestProof proof) {
    return client.exchange(
        BrokerClient.exchangeOf(often.credential()), "dpop", List.of(proof.signed()));
  }

  private static TestProof proof() {
    return TestProof.of(HOLDER, "POST", ADDRESS + CALL, Instant.now());
  }

  private String credential() {
    return issuer.credential(claims -> claims.put("jti", UUID.randomUUID().toString()));
  }

  /** Exchanges it, as a caller that comes back while the store is away. */
  private static void exchanges(BrokerClient client, String credential) {
    assertThat(asked(client, credential).granted().getAccessToken()).isNotEmpty();
  }

  private static Answer asked(BrokerClient client, String credential) {
    return Eventually.see(
        () -> client.exchange(BrokerClient.exchangeOf(credential)),
        answer -> !answer.reason().equals("STORE_UNAVAILABLE"));
  }

  private BrokerProcess.Setup setup() {
    return new BrokerProcess.Setup(federation())
        .with("token-broker.store.shared", "true")
        .with("token-broker.store.key-files", directory.resolve("store.key").toString())
        .with("token-broker.store.timeout-millis", "400")
        .with("token-broker.token.key-files", directory.resolve("signing.pem").toString())
        .with("token-broker.dpop.base-urls", ADDRESS)
        .with("quarkus.redis.hosts", server.addressAt(link.port()))
        .with("quarkus.redis.tls.trust-certificate-pem", "true")
        .with("quarkus.redis.tls.trust-certificate-pem.certs", server.root().toString());
  }

  private Path federation() {
    try {
      return Files.writeString(
          directory.resolve("federation.yaml"),
          """
          issuers:
            - {name: good, issuer: '%1$s', audiences: ['%3$s'], once: true}
            - {name: often, issuer: '%2$s', audiences: ['%3$s']}
          targets:
            - {audience: payments-api, mint: {lifetime: 5m}}
          rules:
            - {name: all, issuer: good, audience: payments-api, when: 'true', scopes: [read]}
            - {name: most, issuer: often, audience: payments-api, when: 'true', scopes: [read]}
          """
              .formatted(issuer.issuer(), often.issuer(), FakeIssuer.AUDIENCE));
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }
}
