package dev.tokenbroker.peers.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.peers.trust.TestTls;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two replicas whose store is a cluster of three nodes. */
@Tag("store")
@Tag("redis")
class ClusterIT {

  /** What all names of once-only credentials have in common, which decides on their node. */
  private static final String ONCE = "token-broker:once";

  @TempDir static Path directory;

  private static List<ValkeyServer> nodes;
  private static SharingBrokers brokers;

  @BeforeAll
  static void start() {
    TestTls authority = TestTls.generate();
    nodes =
        IntStream.range(0, 3)
            .mapToObj(at -> ValkeyServer.node(directory.resolve("node-" + at), authority))
            .toList();
    List<String> create =
        Stream.of(
                Stream.of("--cluster", "create"),
                nodes.stream().map(node -> "127.0.0.1:" + node.port()),
                Stream.of("--cluster-yes"))
            .flatMap(words -> words)
            .toList();
    nodes.getFirst().admin(create.toArray(String[]::new));
    nodes.forEach(ClusterIT::awaitWhole);
    brokers =
        new SharingBrokers(
                directory,
                nodes.getFirst().root(),
                List.of(nodes.get(0).address() + "," + nodes.get(1).address()),
                Map.of("quarkus.redis.client-type", "cluster"))
            .withNodes(nodes.size());
  }

  @AfterAll
  static void stop() {
    nodes.forEach(ValkeyServer::close);
    brokers.close();
  }

  @Test
  void shares_used_credentials_between_replicas_in_one_node() {
    String credential = brokers.credential();
    SharingBrokers.exchanges(brokers.one(), credential);

    assertThat(SharingBrokers.asked(brokers.two(), credential).reason())
        .isEqualTo("CREDENTIAL_ALREADY_USED");
    assertThat(nodes.stream().filter(node -> has(node, "{" + ONCE + "}:*"))).hasSize(1);
  }

  @Test
  void survives_a_kill_and_empty_restart_of_the_credential_node() {
    ValkeyServer node = nodeOf(ONCE);
    brokers.refuseWhileLosing(() -> kill(node), () -> heal(node));
  }

  @Test
  void a_node_that_has_none_of_them_is_killed_and_started_again() {
    List<ValkeyServer> used = List.of(nodeOf(ONCE), nodeOf("token-broker:dpop"));
    ValkeyServer other = nodes.stream().filter(node -> !used.contains(node)).toList().getLast();
    brokers.refuseWhile(() -> kill(other), () -> heal(other));
  }

  @Test
  void a_node_is_no_store_until_the_cluster_tells_its_name() {
    ValkeyServer node = nodes.getLast();
    brokers.refuseWhile(
        () -> {
          announce(node, "");
          brokers.awaitRefusals();
        },
        () -> announce(node, "localhost"));
  }

  /** Gives a node a name, or none, and waits until each node tells it. */
  private static void announce(ValkeyServer node, String name) {
    node.admin("CONFIG", "SET", "cluster-announce-hostname", name);
    for (ValkeyServer each : nodes) {
      Eventually.until(
          () -> each.admin("CLUSTER", "SLOTS").contains("?"),
          nameless -> nameless == name.isEmpty());
    }
  }

  /**
   * A cluster whose node is away has no store, until it is whole again. A call right after the kill
   * may still succeed at another node.
   */
  private static void kill(ValkeyServer node) {
    node.close();
    nodes.stream().filter(other -> other != node).forEach(other -> awaitState(other, "fail"));
    brokers.awaitRefusals();
  }

  private static void heal(ValkeyServer node) {
    node.start();
    nodes.forEach(ClusterIT::awaitWhole);
  }

  private static ValkeyServer nodeOf(String kind) {
    int slot = Integer.parseInt(nodes.getFirst().admin("CLUSTER", "KEYSLOT", kind).getFirst());
    return nodes.stream().filter(node -> serves(node, slot)).findFirst().orElseThrow();
  }

  private static boolean serves(ValkeyServer node, int slot) {
    String own =
        node.admin("CLUSTER", "NODES").stream()
            .filter(line -> line.contains("myself"))
            .findFirst()
            .orElseThrow();
    String[] range = own.substring(own.lastIndexOf(' ') + 1).split("-", 2);
    return Integer.parseInt(range[0]) <= slot && slot <= Integer.parseInt(range[1]);
  }

  private static boolean has(ValkeyServer node, String pattern) {
    return node.admin("KEYS", pattern).stream().anyMatch(line -> !line.isBlank());
  }

  private static void awaitWhole(ValkeyServer node) {
    awaitState(node, "ok");
  }

  private static void awaitState(ValkeyServer node, String name) {
    String line = "cluster_state:" + name;
    Eventually.until(() -> node.admin("CLUSTER", "INFO"), state -> state.contains(line));
  }
}
