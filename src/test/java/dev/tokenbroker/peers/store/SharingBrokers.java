package dev.tokenbroker.peers.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.edges.edge.BrokerProcess;
import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.edges.grpc.BrokerClient.Answer;
import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.issue.signing.TestKeyFiles;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.judge.possession.TestProof;
import dev.tokenbroker.process.runtime.Unchecked;
import io.grpc.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Two brokers that share a store, with credentials and proofs for them: one issuer's credentials
 * are for one exchange, the other's need no store. Holds the row of once-only credentials in the
 * table of src/docs/operate/store.md against a fault.
 */
final class SharingBrokers implements AutoCloseable {

  private static final TestKey HOLDER = TestKey.generate("holder", SigningAlgorithm.ES256);
  private static final String ADDRESS = "https://broker.example";
  private static final String CALL = "/tokenbroker.v1.TokenBroker/ExchangeToken";
  private static final Duration RECOVERY = Duration.ofSeconds(5);

  /** {@code quarkus.redis.max-pool-size}. */
  private static final int POOL = 16;

  private final FakeIssuer issuer = FakeIssuer.start();
  private final FakeIssuer often = FakeIssuer.start();
  private final Path directory;
  private final BrokerProcess first;
  private final BrokerProcess second;
  private final BrokerClient one;
  private final BrokerClient two;
  private int pooled;

  /**
   * Starts both and waits until each has claimed something.
   *
   * @param root the authority of the store's certificates
   * @param hosts where each of the two finds the store
   * @param more further settings of both
   */
  SharingBrokers(Path directory, Path root, List<String> hosts, Map<String, String> more) {
    this.directory = directory;
    write("signing.pem", TestKeyFiles.pem(TestKeyFiles.ec("secp256r1").getPrivate()));
    first = launch(root, hosts.getFirst(), more);
    second = launch(root, hosts.getLast(), more);
    try {
      one = first.client();
      two = second.client();
      exchanges(one, credential());
      exchanges(two, credential());
    } catch (AssertionError failed) {
      closeBrokers();
      throw failed;
    }
  }

  /** Lets the pool of each node grow to its size during a fault. */
  SharingBrokers withNodes(int nodes) {
    pooled = nodes * POOL;
    return this;
  }

  BrokerClient one() {
    return one;
  }

  BrokerClient two() {
    return two;
  }

  BrokerProcess first() {
    return first;
  }

  /** A credential for one exchange. */
  String credential() {
    return issuer.credential(claims -> claims.put("jti", UUID.randomUUID().toString()));
  }

  /** A credential that needs no store. */
  String reusable() {
    return often.credential(claims -> claims.put("jti", UUID.randomUUID().toString()));
  }

  TestProof proof() {
    return TestProof.of(HOLDER, "POST", ADDRESS + CALL, Instant.now());
  }

  /** Holds the row of once-only credentials, before, during and after a fault. */
  void refuseWhile(Runnable fault, Runnable mend) {
    Footprint before = Footprint.of(first);
    String held = refuse(fault);
    TestProof proof = proof();
    assertThat(exchange(one, proof).reason()).isEqualTo("STORE_UNAVAILABLE");

    mend.run();
    long mended = System.nanoTime();
    exchanges(two, held);
    assertRecovered(mended);
    assertThat(asked(one, proof).granted().getTokenType()).isEqualTo("DPoP");
    assertThat(asked(two, proof).reason()).isEqualTo("DPOP_PROOF_REPLAYED");
    assertThat(asked(one, held).reason()).isEqualTo("CREDENTIAL_ALREADY_USED");
    assertNothingLeaked(before);
  }

  /** The same for a fault with which the store loses its memory. */
  void refuseWhileLosing(Runnable fault, Runnable mend) {
    String held = refuse(fault);

    mend.run();
    exchangesIssuedLater(two);
    exchangesIssuedLater(one);
    for (BrokerClient client : List.of(one, two)) {
      assertThat(client.exchange(BrokerClient.exchangeOf(held)).reason())
          .isEqualTo("STORE_UNAVAILABLE");
    }
  }

  /** Exchanges a new credential, as soon as one is issued late enough after a loss. */
  void exchangesIssuedLater(BrokerClient client) {
    Answer answer =
        Eventually.see(
            () -> client.exchange(BrokerClient.exchangeOf(credential())),
            SharingBrokers::isDecided);
    assertThat(answer.granted().getAccessToken()).isNotEmpty();
  }

  /** Holds the row before and during a fault; returns a credential that was refused. */
  private String refuse(Runnable fault) {
    String usedBefore = credential();
    exchanges(one, usedBefore);
    String held = credential();

    fault.run();
    for (int attempt = 0; attempt < 10; attempt++) {
      Answer refused = one.exchange(BrokerClient.exchangeOf(held));
      assertThat(refused.code()).as("%s", bugs()).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(refused.reason()).isEqualTo("STORE_UNAVAILABLE");
      assertThat(Integer.parseInt(refused.pushback())).isBetween(1, 5000);
    }
    assertThat(two.exchange(BrokerClient.exchangeOf(held)).reason()).isEqualTo("STORE_UNAVAILABLE");
    assertThat(one.exchange(BrokerClient.exchangeOf(usedBefore)).reason())
        .isEqualTo("CREDENTIAL_ALREADY_USED");
    exchangesWithoutStore(one);
    assertThat(first.lines()) // not again if it was away a few seconds ago
        .anyMatch(line -> line.contains("The store of the replicas is away"))
        .noneMatch(line -> line.contains(ValkeyServer.PASSWORD));
    return held;
  }

  /** Fails if the time since then is longer than our documents promise. */
  static void assertRecovered(long sinceNanos) {
    assertThat(Duration.ofNanos(System.nanoTime() - sinceNanos)).isLessThan(RECOVERY);
  }

  /** Fails if the first broker keeps threads or connections that it did not have then. */
  void assertNothingLeaked(Footprint before) {
    Footprint most = before.withSockets(pooled);
    Footprint after = Eventually.see(() -> Footprint.of(first), now -> now.isWithin(most));
    assertThat(after).matches(now -> now.isWithin(most), "about as much as " + most);
  }

  /** Exchanges a credential that needs no store; it must succeed at once. */
  void exchangesWithoutStore(BrokerClient client) {
    assertThat(client.exchange(BrokerClient.exchangeOf(reusable())).granted().getAccessToken())
        .isNotEmpty();
  }

  /** Waits until each refuses several times, as one that has noticed that the store is away. */
  void awaitRefusals() {
    for (BrokerClient client : List.of(one, two)) {
      List<String> reasons =
          Eventually.see(
              () -> reasons(client), some -> some.stream().allMatch("STORE_UNAVAILABLE"::equals));
      assertThat(reasons).as("%s", bugs()).containsOnly("STORE_UNAVAILABLE");
    }
  }

  private List<String> reasons(BrokerClient client) {
    return Stream.generate(() -> client.exchange(BrokerClient.exchangeOf(credential())).reason())
        .limit(5)
        .toList();
  }

  /** What both brokers have logged of bugs, so that a failed test says more than INTERNAL_ERROR. */
  private List<String> bugs() {
    return Stream.of(first, second)
        .flatMap(broker -> broker.lines().stream())
        .filter(line -> line.contains("ended in a bug"))
        .toList();
  }

  /** Exchanges it, as a caller that comes back while the store is away. */
  static void exchanges(BrokerClient client, String credential) {
    assertThat(asked(client, credential).granted().getAccessToken()).isNotEmpty();
  }

  static Answer asked(BrokerClient client, String credential) {
    return Eventually.see(
        () -> client.exchange(BrokerClient.exchangeOf(credential)), SharingBrokers::isDecided);
  }

  Answer asked(BrokerClient client, TestProof proof) {
    return Eventually.see(() -> exchange(client, proof), SharingBrokers::isDecided);
  }

  private static boolean isDecided(Answer answer) {
    return !List.of("STORE_UNAVAILABLE", "CREDENTIAL_IN_USE").contains(answer.reason());
  }

  /** Sends a proof along with a credential that may be exchanged as often as one likes. */
  private Answer exchange(BrokerClient client, TestProof proof) {
    return client.exchange(BrokerClient.exchangeOf(reusable()), "dpop", List.of(proof.signed()));
  }

  private BrokerProcess launch(Path root, String hosts, Map<String, String> more) {
    BrokerProcess.Setup setup =
        new BrokerProcess.Setup(federation())
            .with("token-broker.token.key-files", directory.resolve("signing.pem").toString())
            .with("token-broker.dpop.base-urls", ADDRESS);
    ValkeyServer.shared(setup, directory, root, hosts, 400);
    more.forEach(setup::with);
    return setup.launch();
  }

  private Path federation() {
    return write(
        "federation.yaml",
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
  }

  private Path write(String name, String content) {
    return Unchecked.get(() -> Files.writeString(directory.resolve(name), content));
  }

  /**
   * Stops both as an orchestrator does; fails if that is an error to one. That the Redis client
   * loses its connections is none: tests end their servers first.
   */
  @Override
  public void close() {
    Stream.of(one, two).forEach(BrokerClient::close);
    int firstPrinted = first.lines().size();
    int secondPrinted = second.lines().size();
    Stream.of(first, second).forEach(broker -> broker.signal("TERM"));
    try {
      assertStopped(first, firstPrinted);
      assertStopped(second, secondPrinted);
    } finally {
      closeBrokers();
    }
  }

  private static void assertStopped(BrokerProcess broker, int printed) {
    broker.awaitExit();
    assertThat(broker.lines().stream().skip(printed))
        .noneMatch(line -> line.contains(" ERROR ") && !line.contains("[io.vertx.redis.client."));
  }

  private void closeBrokers() {
    Stream.of(first, second).forEach(BrokerProcess::close);
    Stream.of(issuer, often).forEach(FakeIssuer::close);
  }
}
