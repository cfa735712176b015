package dev.tokenbroker.peers.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.edges.grpc.Eventually;
import io.grpc.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two replicas whose store is one of two servers, the other of which takes over. */
@Tag("store")
@Tag("jar")
class SentinelIT {

  private static final String MASTER = "broker";
  private static final int CALLERS = 8;

  /** A sentinel that stalled for two seconds does nothing for half a minute. */
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  @TempDir Path directory;

  private ValkeyServer server;
  private ValkeyServer standby;
  private ValkeyServer sentinel;
  private @Nullable SharingBrokers started;

  @BeforeEach
  void start() {
    server = ValkeyServer.start(directory.resolve("server"));
    standby = server.replica(directory.resolve("standby"));
    awaitReplicated(); // a sentinel looks for replicas at once, then after ten seconds
    sentinel = server.sentinel(directory.resolve("sentinel"), MASTER);
    assertThat(
            Eventually.see(
                () -> sentinel.admin("SENTINEL", "REPLICAS", MASTER), lines -> lines.size() > 1))
        .contains("localhost");
  }

  @AfterEach
  void stop() {
    Stream.of(sentinel, standby, server).forEach(ValkeyServer::close);
    if (started != null) {
      started.close();
    }
  }

  @Test
  @Tag("redis")
  void a_failover_accepts_no_credential_whose_claim_was_lost() {
    SharingBrokers brokers = brokers(Map.of());
    Footprint before = Footprint.of(brokers.first());
    String kept = brokers.credential();
    SharingBrokers.exchanges(brokers.one(), kept);
    awaitReplicated();
    stopReplication();
    String lost = brokers.credential();
    SharingBrokers.exchanges(brokers.one(), lost);

    server.close();
    brokers.exchangesWithoutStore(brokers.one());
    awaitFailover();

    brokers.exchangesIssuedLater(brokers.two());
    assertUsed(brokers.one(), lost);
    assertThat(brokers.two().exchange(BrokerClient.exchangeOf(lost)).reason())
        .isIn("CREDENTIAL_ALREADY_USED", "STORE_UNAVAILABLE");
    assertUsed(brokers.two(), kept);
    brokers.assertNothingLeaked(before);
  }

  @Test
  void with_wait_replicas_no_claim_is_lost_that_was_acknowledged() {
    SharingBrokers brokers = brokers(Map.of("token-broker.store.wait-replicas", "1"));
    Queue<String> acknowledged = new ConcurrentLinkedQueue<>();
    AtomicBoolean killed = new AtomicBoolean();
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int at = 0; at < CALLERS; at++) {
        var _ = callers.submit(() -> exchangeUntil(brokers, killed, acknowledged));
      }
      int seen = Eventually.see(acknowledged::size, size -> size >= 100);
      server.close();
      killed.set(true);
      assertThat(seen).isGreaterThanOrEqualTo(100);
    }
    awaitFailover();
    assertThat(brokers.two().exchange(BrokerClient.exchangeOf(brokers.credential())).reason())
        .isEqualTo("STORE_UNAVAILABLE"); // no replica has it
    assertThat(Integer.parseInt(standby.admin("DBSIZE").getFirst()))
        .isGreaterThanOrEqualTo(acknowledged.size());

    server.start();
    server.admin("REPLICAOF", "localhost", "" + standby.port());
    SharingBrokers.exchanges(brokers.two(), brokers.credential());

    // The confirmation of a claim is not waited for; until it counts, others are told to come back.
    assertThat(acknowledged)
        .extracting(used -> brokers.two().exchange(BrokerClient.exchangeOf(used)).reason())
        .contains("CREDENTIAL_ALREADY_USED")
        .isSubsetOf("CREDENTIAL_ALREADY_USED", "CREDENTIAL_IN_USE");
  }

  @Test
  void leaves_a_hung_master_for_the_new_one_and_does_not_return() {
    SharingBrokers brokers = brokers(Map.of());
    Footprint before = Footprint.of(brokers.first());

    server.hang();
    long elected = awaitFailover();
    String credential = brokers.credential();
    SharingBrokers.exchanges(brokers.one(), credential);
    SharingBrokers.assertRecovered(elected);
    assertUsed(brokers.two(), credential);

    server.goOn();
    Eventually.until(PATIENCE, this::replication, seen -> seen.contains("role:slave"));
    assertUsed(brokers.two(), credential);
    SharingBrokers.exchanges(brokers.two(), brokers.credential());
    brokers.assertNothingLeaked(before);
  }

  @Test
  void a_sentinel_that_hangs_holds_nobody_up_for_long() {
    try (ValkeyServer other = server.sentinel(directory.resolve("other"), MASTER)) {
      SharingBrokers brokers =
          brokers(Map.of("quarkus.redis.hosts", sentinel.address() + "," + other.address()));

      sentinel.hang();
      long hung = System.nanoTime();
      while (System.nanoTime() - hung < TimeUnit.SECONDS.toNanos(4)) {
        long asked = System.nanoTime();
        SharingBrokers.exchanges(brokers.one(), brokers.credential());
        SharingBrokers.assertRecovered(asked);
      }
      sentinel.goOn();
    }
  }

  private SharingBrokers brokers(Map<String, String> more) {
    Map<String, String> settings =
        new HashMap<>(
            Map.of("quarkus.redis.client-type", "sentinel", "quarkus.redis.master-name", MASTER));
    settings.putAll(more);
    started = new SharingBrokers(directory, server.root(), List.of(sentinel.address()), settings);
    return started;
  }

  private static void exchangeUntil(
      SharingBrokers brokers, AtomicBoolean stopped, Queue<String> acknowledged) {
    while (!stopped.get()) {
      String credential = brokers.credential();
      if (brokers.one().exchange(BrokerClient.exchangeOf(credential)).code() == Status.Code.OK) {
        acknowledged.add(credential);
      }
    }
  }

  private static void assertUsed(BrokerClient client, String credential) {
    assertThat(SharingBrokers.asked(client, credential).reason())
        .isEqualTo("CREDENTIAL_ALREADY_USED");
  }

  /** Waits until the standby has what the master has. */
  private void awaitReplicated() {
    Eventually.until(this::lag, lag -> lag.equals("0"));
  }

  private String lag() {
    List<String> told = server.admin("INFO", "replication");
    String end = value(told, "master_repl_offset:");
    return told.stream()
            .anyMatch(line -> line.startsWith("slave0:") && line.contains("offset=" + end + ","))
        ? "0"
        : "some: " + told;
  }

  private static String value(List<String> lines, String name) {
    return lines.stream()
        .filter(line -> line.startsWith(name))
        .map(line -> line.substring(name.length()))
        .findFirst()
        .orElse("");
  }

  /** What the server tells; it ends all connections at the moment when it becomes a replica. */
  private List<String> replication() {
    try {
      return server.admin("INFO", "replication");
    } catch (AssertionError ended) {
      return List.of("" + ended.getMessage());
    }
  }

  /** From here on the standby gets nothing. */
  private void stopReplication() {
    standby.admin("CONFIG", "SET", "masterauth", "another");
    server.admin("CLIENT", "KILL", "TYPE", "REPLICA");
  }

  /** Waits until the standby is the master; when that was. */
  private long awaitFailover() {
    String port = "" + standby.port();
    Eventually.until(
        PATIENCE,
        () -> sentinel.admin("SENTINEL", "GET-MASTER-ADDR-BY-NAME", MASTER),
        address -> address.contains(port));
    return System.nanoTime();
  }
}
