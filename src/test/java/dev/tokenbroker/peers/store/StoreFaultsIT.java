package dev.tokenbroker.peers.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.edges.grpc.BrokerClient.Answer;
import dev.tokenbroker.judge.possession.TestProof;
import dev.tokenbroker.peers.trust.TestTls;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two replicas and the faults of their store: each row of the table in src/docs/operate/store.md.
 * The replicas live through all of them.
 */
@Tag("store")
@Tag("redis")
class StoreFaultsIT {

  @TempDir static Path directory;

  private static ValkeyServer server;
  private static SlowLink link;
  private static SharingBrokers brokers;

  @BeforeAll
  static void start() {
    server = ValkeyServer.start(directory);
    link = new SlowLink(server.port());
    brokers =
        new SharingBrokers(
            directory, server.root(), List.of(server.addressAt(link.port())), Map.of());
  }

  @AfterAll
  static void stop() {
    server.close();
    link.close();
    brokers.close();
  }

  @Test
  void shares_used_credentials_between_replicas_and_reveals_none() {
    Set<String> before = Set.copyOf(server.admin("KEYS", "*"));
    String credential = brokers.credential();
    String token = SharingBrokers.asked(brokers.one(), credential).granted().getAccessToken();
    TestProof proof = brokers.proof();
    assertThat(brokers.asked(brokers.one(), proof).granted().getTokenType()).isEqualTo("DPoP");

    Answer again = SharingBrokers.asked(brokers.two(), credential);

    assertThat(again.reason()).isEqualTo("CREDENTIAL_ALREADY_USED");
    assertThat(again.pushback()).isEqualTo("-1");
    assertThat(brokers.asked(brokers.two(), proof).reason()).isEqualTo("DPOP_PROOF_REPLAYED");
    List<String> names =
        server.admin("KEYS", "*").stream()
            .filter(name -> name.contains(":once}") || name.contains(":dpop}"))
            .filter(name -> !before.contains(name))
            .toList();
    List<String> values = names.stream().map(name -> server.admin("GET", name).getFirst()).toList();
    assertThat(names).hasSize(2).allMatch(name -> name.matches("\\{[\\w:-]+}:[\\w-]{43}"));
    assertThat(values).allMatch(value -> value.matches("[\\w-]{87}"));
    assertThat(Stream.concat(names.stream(), values.stream()))
        .noneMatch(text -> credential.contains(text) || token.contains(text));
  }

  @Test
  void killed_and_started_again_empty() {
    brokers.refuseWhileLosing(server::close, server::start);
  }

  @Test
  void emptied() {
    String used = brokers.credential();
    SharingBrokers.exchanges(brokers.one(), used);

    server.admin("FLUSHALL");

    assertThat(brokers.two().exchange(BrokerClient.exchangeOf(used)).reason())
        .isIn("STORE_UNAVAILABLE", "CREDENTIAL_ALREADY_USED");
    brokers.exchangesIssuedLater(brokers.two());
    assertThat(brokers.two().exchange(BrokerClient.exchangeOf(used)).reason())
        .isIn("STORE_UNAVAILABLE", "CREDENTIAL_ALREADY_USED");
  }

  @Test
  void hung() {
    brokers.refuseWhile(server::hang, server::goOn);
  }

  @Test
  void slow_by_half_a_second() {
    brokers.refuseWhile(() -> link.delay(500), () -> link.delay(0));
  }

  @Test
  void full() {
    brokers.refuseWhile(
        () -> {
          server.admin("CONFIG", "SET", "maxmemory-policy", "noeviction");
          server.admin("CONFIG", "SET", "maxmemory", "1");
        },
        () -> server.admin("CONFIG", "SET", "maxmemory", "0"));
  }

  @Test
  void with_another_password() {
    brokers.refuseWhile(
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
    brokers.refuseWhileLosing(
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

  @Test
  void a_new_authority_counts_without_a_restart_of_the_broker() {
    server.close();
    server.authority(TestTls.generate());
    server.start();

    brokers.exchangesIssuedLater(brokers.one());
    brokers.exchangesIssuedLater(brokers.two());
  }
}
