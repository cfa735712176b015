package dev.tokenbroker.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edge.BrokerProcess;
import dev.tokenbroker.grpc.BrokerClient;
import dev.tokenbroker.grpc.Eventually;
import dev.tokenbroker.issuer.FakeIssuer;
import dev.tokenbroker.signing.TestKeyFiles;
import dev.tokenbroker.v1.GetRolloutRequest;
import dev.tokenbroker.v1.PromoteCandidateRequest;
import dev.tokenbroker.v1.RollBackRequest;
import dev.tokenbroker.v1.Rollout;
import dev.tokenbroker.v1.TokenBrokerOperationsGrpc;
import dev.tokenbroker.v1.TokenBrokerOperationsGrpc.TokenBrokerOperationsBlockingStub;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Promotions and rollbacks of three replicas with a real store. */
@Tag("store")
@Tag("jar")
class SharedDecisionsIT {

  private static final Duration PROMISED = Duration.ofSeconds(2);
  private static final String READ = "[read]";
  private static final String WRITE = "[read, write]";
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  @TempDir Path directory;

  private final FakeIssuer issuer = FakeIssuer.start();
  private final List<Replica> replicas = new ArrayList<>();
  private ValkeyServer server;

  @BeforeEach
  void start() throws IOException {
    server = ValkeyServer.start(directory);
    Files.writeString(directory.resolve("store.key"), "k".repeat(32));
    Files.writeString(
        directory.resolve("signing.pem"),
        TestKeyFiles.pem(TestKeyFiles.ec("secp256r1").getPrivate()));
    replicas.add(new Replica("one", WRITE));
    replicas.add(new Replica("two", WRITE));
    replicas.add(new Replica("three", WRITE));
  }

  @AfterEach
  void stop() {
    replicas.forEach(Replica::close);
    server.close();
    issuer.close();
  }

  @Test
  void one_call_changes_the_revision_of_all_and_a_rollback_as_well() {
    Rollout before = replicas.getFirst().rollout();
    String first = before.getRevision();
    String next = before.getCandidateRevision();

    replicas.get(0).promote(next);
    comeInTimeTo(next);
    var _ =
        replicas
            .get(1)
            .broker
            .awaitLine(
                line ->
                    line.contains("\"intent\":\"promote\"")
                        && line.contains("\"edge\":\"store\"")
                        && line.contains("\"decided_by\":"));

    replicas.get(2).rollBack(first);
    comeInTimeTo(first);
    for (Replica replica : replicas) {
      Rollout seen = replica.sees(rollout -> rollout.getProblemsCount() == 0);
      assertThat(seen.getKeptList()).extracting(kept -> kept.getRevision()).startsWith(first, next);
      assertThat(seen.getProblemsList()).isEmpty();
    }
  }

  @Test
  void a_replica_that_was_down_follows_and_so_does_a_new_one_and_one_without_the_candidate() {
    Rollout before = replicas.getFirst().rollout();
    String next = before.getCandidateRevision();
    replicas.removeLast().close();
    replicas.getFirst().promote(next);
    comeTo(next);
    server.admin("FLUSHALL");

    replicas.add(new Replica("three", WRITE));
    replicas.add(new Replica("four", WRITE));
    Replica without = new Replica("five", READ);
    comesTo(replicas.get(2), next);
    comesTo(replicas.get(3), next);
    replicas.add(without);
    String waits = "it waits until the candidate has this revision";
    assertThat(
            without
                .sees(rollout -> rollout.getProblemsList().toString().contains(waits))
                .getProblemsList())
        .singleElement()
        .asString()
        .contains(waits);
    assertThat(without.rollout().getRevision()).isEqualTo(before.getRevision());

    without.document("next", WRITE);
    comesTo(without, next);
    assertThat(without.sees(rollout -> rollout.getProblemsCount() == 0).getProblemsList())
        .isEmpty();
  }

  @Test
  void a_decision_while_the_store_hangs_counts_here_and_at_the_others_afterwards() {
    Rollout before = replicas.getFirst().rollout();
    String next = before.getCandidateRevision();

    server.hang();
    Rollout changed = replicas.getFirst().promote(next);
    assertThat(changed.getRevision()).isEqualTo(next);
    assertThat(changed.getProblemsList())
        .containsExactly("the store is away, so other replicas have not heard the last decision");
    assertThat(replicas.get(1).rollout().getRevision()).isEqualTo(before.getRevision());

    server.goOn();
    comeTo(next);
    assertThat(
            replicas.getFirst().sees(rollout -> rollout.getProblemsCount() == 0).getProblemsList())
        .isEmpty();
  }

  @Test
  void who_has_only_the_password_of_the_store_decides_nothing() {
    Rollout before = replicas.getFirst().rollout();
    replicas.getFirst().promote(before.getCandidateRevision());
    comeTo(before.getCandidateRevision());
    String log = server.admin("KEYS", "{token-broker:federation}*").getFirst();
    String promotion = server.admin("ZRANGE", log, "0", "0").getFirst();
    replicas.get(1).rollBack(before.getRevision());
    comeTo(before.getRevision());

    long last =
        (long) Double.parseDouble(server.admin("ZRANGE", log, "-1", "-1", "WITHSCORES").get(1));
    server.admin("ZREM", log, promotion);
    server.admin("ZADD", log, Long.toString(last + 1), promotion.substring(1) + "A");
    server.admin("ZADD", log, "9000000000000000", promotion);

    replicas.forEach(
        replica -> {
          var _ = replica.broker.awaitLine(line -> line.contains("a value that no replica wrote"));
        });
    replicas.forEach(
        replica -> assertThat(replica.rollout().getRevision()).isEqualTo(before.getRevision()));
  }

  /** All replicas judge by that revision within the time that our documents promise. */
  private void comeInTimeTo(String revision) {
    long decided = System.nanoTime();
    comeTo(revision);
    assertThat(Duration.ofNanos(System.nanoTime() - decided)).isLessThan(PROMISED);
  }

  private void comeTo(String revision) {
    replicas.forEach(replica -> comesTo(replica, revision));
  }

  private static void comesTo(Replica replica, String revision) {
    assertThat(replica.sees(rollout -> rollout.getRevision().equals(revision)).getRevision())
        .isEqualTo(revision);
  }

  /** A broker with directories of its own. */
  private final class Replica implements AutoCloseable {

    private final String name;
    private final BrokerProcess broker;
    private final BrokerClient client;
    private final TokenBrokerOperationsBlockingStub operations;

    Replica(String name, String candidate) {
      this.name = name;
      Path live = document("live", READ);
      Path next = document("next", candidate);
      broker =
          new BrokerProcess.Setup(live)
              .with("token-broker.federation.candidate-path", next.toString())
              .with("token-broker.federation.poll-interval", "200ms")
              .with(
                  "token-broker.federation.history-path", live.resolveSibling("history").toString())
              .with("token-broker.store.shared", "true")
              .with("token-broker.store.key-files", directory.resolve("store.key").toString())
              .with("token-broker.store.timeout-millis", "1000")
              .with("token-broker.token.key-files", directory.resolve("signing.pem").toString())
              .with("quarkus.redis.hosts", server.address())
              .with("quarkus.redis.tls.trust-certificate-pem", "true")
              .with("quarkus.redis.tls.trust-certificate-pem.certs", server.root().toString())
              .launch();
      client = broker.client();
      Metadata headers = new Metadata();
      headers.put(AUTHORIZATION, "Bearer " + operator());
      operations =
          TokenBrokerOperationsGrpc.newBlockingStub(client.channel())
              .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    }

    private String operator() {
      return Eventually.see(
              () ->
                  client.exchange(
                      BrokerClient.exchangeOf(issuer.credential()).toBuilder()
                          .setAudience("token-broker")
                          .build()),
              answer -> answer.reason().isEmpty())
          .granted()
          .getAccessToken();
    }

    Rollout promote(String revision) {
      return operations.promoteCandidate(
          PromoteCandidateRequest.newBuilder().setRevision(revision).setReason("a test").build());
    }

    void rollBack(String revision) {
      var _ =
          operations.rollBack(
              RollBackRequest.newBuilder().setRevision(revision).setReason("a test").build());
    }

    Rollout rollout() {
      return operations.getRollout(GetRolloutRequest.getDefaultInstance());
    }

    Rollout sees(Predicate<Rollout> wanted) {
      return Eventually.see(this::rollout, wanted);
    }

    Path document(String kind, String scopes) {
      try {
        Path folder = Files.createDirectories(directory.resolve(name + "-" + kind));
        return Files.writeString(
            folder.resolve("federation.yaml"),
            """
            issuers:
              - {name: good, issuer: '%s', audiences: ['%s']}
            targets:
              - {audience: payments-api, mint: {lifetime: 5m}}
            rules:
              - {name: all, issuer: good, audience: payments-api, when: 'true', scopes: %s}
              - {name: operators, issuer: good, audience: token-broker, when: 'true', scopes: [operate, rollout]}
            """
                .formatted(issuer.issuer(), FakeIssuer.AUDIENCE, scopes));
      } catch (IOException broken) {
        throw new UncheckedIOException(broken);
      }
    }

    @Override
    public void close() {
      client.close();
      broker.close();
    }
  }
}
