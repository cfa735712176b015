package dev.tokenbroker.peers.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.judge.credential.OnceIdentity;
import dev.tokenbroker.judge.credential.VerifiedIdentity;
import dev.tokenbroker.process.runtime.Latch;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Credentials for one exchange, each at three replicas with a real server, before, during and after
 * each fault: none is accepted twice. The table that it prints is that of
 * src/docs/operate/store.md.
 */
@Tag("store")
@Tag("in-process")
class OnceOnlyFaultsIT {

  private static final int CREDENTIALS = Integer.getInteger("once.credentials", 300);
  private static final int CALLERS = 32;
  private static final long SEED = 20;

  @TempDir Path directory;

  private final Vertx vertx = Vertx.vertx();
  private final List<OnceReplica> replicas = new ArrayList<>();
  private final List<SlowLink> links = new ArrayList<>();
  private final Map<Integer, AtomicInteger> accepted = new ConcurrentHashMap<>();
  private final Map<String, AtomicInteger> refused = new ConcurrentHashMap<>();
  private Path oldKey;
  private Path newKey;
  private ValkeyServer server;
  private ValkeyServer standby;

  /** What befalls the store or a replica, and its end. */
  enum Fault {
    NONE,
    KILLED,
    PAUSED,
    EMPTIED,
    FULL,
    EVICTION_ON,
    KEY_ROTATED,
    KEY_REPLACED,
    ONE_REPLICA_CUT_OFF,
    CLOCK_30_S_AHEAD,
    CLOCK_30_S_BEHIND,
    FAILOVER_WITH_WAIT,
    FAILOVER_THAT_LOSES_CLAIMS,
    /** The window that remains: nobody looks for the claims of a replica that is not back. */
    FAILOVER_THAT_LOSES_CLAIMS_OF_A_REPLICA_THAT_IS_GONE
  }

  @BeforeEach
  void start() throws IOException {
    oldKey = Files.writeString(directory.resolve("old"), "o".repeat(32));
    newKey = Files.writeString(directory.resolve("new"), "n".repeat(32));
    server = ValkeyServer.start(Files.createDirectory(directory.resolve("server")));
    standby = server.replica(Files.createDirectory(directory.resolve("standby")));
    String up = "master_link_status:up";
    Eventually.until(() -> standby.admin("INFO", "replication"), lines -> lines.contains(up));
  }

  private void begin(Fault fault) {
    TestStoreSettings settings =
        TestStoreSettings.withKeys(oldKey).withReplicas(fault == Fault.FAILOVER_WITH_WAIT ? 1 : 0);
    for (int at = 0; at < 3; at++) {
      links.add(new SlowLink(server.port()));
      replicas.add(new OnceReplica(vertx, server, links.get(at), settings));
    }
    awaitService();
  }

  @AfterEach
  void stop() {
    replicas.forEach(OnceReplica::close);
    links.forEach(SlowLink::close);
    Stream.of(standby, server).forEach(ValkeyServer::close);
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  @ParameterizedTest
  @EnumSource
  void no_credential_is_accepted_twice(Fault fault) {
    begin(fault);
    int half = CREDENTIALS / 2;
    List<VerifiedIdentity> all =
        IntStream.range(0, CREDENTIALS)
            .mapToObj(_ -> OnceIdentity.of(UUID.randomUUID().toString(), Instant.now()))
            .toList();
    List<int[]> first = IntStream.range(0, half).mapToObj(at -> new int[] {at, at % 3}).toList();
    present(all, first, _ -> {});
    refused.clear();

    prepare(fault);
    List<int[]> meanwhile = everywhere(half, CREDENTIALS);
    List<int[]> again = everywhere(0, half);
    meanwhile.addAll(again.subList(0, again.size() / 3));
    Collections.shuffle(meanwhile, new Random(SEED));
    present(all, meanwhile, third -> befall(fault, third));
    awaitService();
    present(all, everywhere(0, CREDENTIALS), _ -> {});

    long twice = accepted.values().stream().filter(times -> times.get() > 1).count();
    System.out.printf(
        "%s: %d credentials, %d accepted once, %d accepted twice, losses told %d, refused %s%n",
        fault,
        CREDENTIALS,
        accepted.size() - twice,
        twice,
        replicas.stream().mapToLong(replica -> replica.told().losses()).sum(),
        new TreeMap<>(refused));
    if (fault == Fault.FAILOVER_THAT_LOSES_CLAIMS_OF_A_REPLICA_THAT_IS_GONE) {
      assertThat(twice).isLessThanOrEqualTo(CREDENTIALS);
    } else {
      assertThat(twice).isZero();
    }
    assertThat(replicas).allMatch(replica -> replica.told().fit());
  }

  /** What must be so before the fault, for it to be one. */
  private void prepare(Fault fault) {
    if (fault.name().startsWith("FAILOVER_THAT_LOSES")) {
      standby.admin("REPLICAOF", "NO", "ONE");
    }
  }

  /**
   * @param third 1 for the beginning of the fault, 2 for its end
   */
  private void befall(Fault fault, int third) {
    boolean begins = third == 1;
    OnceReplica one = replicas.getFirst();
    switch (fault) {
      case NONE -> {}
      case KILLED -> act(begins, server::close, server::start);
      case PAUSED -> act(begins, server::hang, server::goOn);
      case EMPTIED -> server.admin("FLUSHALL");
      case FULL -> server.admin("CONFIG", "SET", "maxmemory", begins ? "1" : "0");
      case EVICTION_ON -> act(begins, this::evict, this::evictNoMore);
      case KEY_ROTATED -> restart(begins, TestStoreSettings.withKeys(newKey, oldKey));
      case KEY_REPLACED -> restart(begins, TestStoreSettings.withKeys(newKey));
      case ONE_REPLICA_CUT_OFF -> links.getFirst().delay(begins ? 3_600_000 : 0);
      case CLOCK_30_S_AHEAD -> clockOff(begins ? 30 : 0);
      case CLOCK_30_S_BEHIND -> clockOff(begins ? -30 : 0);
      case FAILOVER_WITH_WAIT, FAILOVER_THAT_LOSES_CLAIMS ->
          act(begins, this::failOver, this::replicateBack);
      case FAILOVER_THAT_LOSES_CLAIMS_OF_A_REPLICA_THAT_IS_GONE -> {
        if (begins) {
          one.restart(TestStoreSettings.withKeys(oldKey));
        }
        act(begins, this::failOver, this::replicateBack);
      }
    }
  }

  private static void act(boolean begins, Runnable begin, Runnable end) {
    (begins ? begin : end).run();
  }

  /** The replica notices that within half a second. */
  private void clockOff(int seconds) {
    replicas.getFirst().clockOff(Duration.ofSeconds(seconds));
    Eventually.until(replicas.getFirst()::told, told -> told.fit() == (seconds == 0));
    assertThat(replicas.subList(1, 3)).allMatch(other -> other.told().fit());
  }

  /** Evicts only after the replicas have seen the policy: each reads it twice a second. */
  private void evict() {
    server.admin("CONFIG", "SET", "maxmemory-policy", "allkeys-random");
    replicas.forEach(replica -> Eventually.until(replica::told, told -> !told.fit()));
    server.admin("CONFIG", "SET", "maxmemory", "1");
  }

  private void evictNoMore() {
    server.admin("CONFIG", "SET", "maxmemory", "0");
    server.admin("CONFIG", "SET", "maxmemory-policy", "noeviction");
  }

  private void restart(boolean begins, TestStoreSettings settings) {
    (begins ? replicas.subList(0, 1) : replicas.subList(1, 3)).forEach(of -> of.restart(settings));
  }

  private void failOver() {
    server.close();
    standby.admin("REPLICAOF", "NO", "ONE");
    links.forEach(link -> link.to(standby.port()));
  }

  private void replicateBack() {
    server.start();
    server.admin("REPLICAOF", "localhost", "" + standby.port());
  }

  /** Each of these credentials at each replica, in any order. */
  private static List<int[]> everywhere(int from, int to) {
    List<int[]> calls = new ArrayList<>();
    IntStream.range(from, to)
        .forEach(at -> IntStream.range(0, 3).forEach(of -> calls.add(new int[] {at, of})));
    Collections.shuffle(calls, new Random(SEED));
    return calls;
  }

  /** Makes these calls at once, and tells when each third of them has begun. */
  private void present(List<VerifiedIdentity> all, List<int[]> calls, IntConsumer thirds) {
    Latch one = new Latch(1);
    Latch begun = new Latch(1);
    Latch two = new Latch(1);
    try (ExecutorService callers = Executors.newFixedThreadPool(CALLERS)) {
      for (int at = 0; at < calls.size(); at++) {
        int[] call = calls.get(at);
        Latch reached = at == calls.size() / 3 ? one : two;
        boolean tells = at == calls.size() / 3 || at == calls.size() * 2 / 3;
        boolean waits = at > calls.size() / 3 + CALLERS; // the others are cut by the fault
        var _ =
            callers.submit(
                () -> {
                  if (tells) {
                    reached.countDown();
                  }
                  if (waits) {
                    begun.await();
                  }
                  note(call[0], replicas.get(call[1]).exchange(all.get(call[0])));
                });
      }
      one.await();
      thirds.accept(1);
      begun.countDown();
      two.await();
      thirds.accept(2);
    }
  }

  private void note(int credential, String reason) {
    if (reason.isEmpty()) {
      accepted.computeIfAbsent(credential, _ -> new AtomicInteger()).incrementAndGet();
    } else {
      refused.computeIfAbsent(reason, _ -> new AtomicInteger()).incrementAndGet();
    }
  }

  /** Waits until each replica accepts a credential that was issued just now. */
  private void awaitService() {
    for (OnceReplica replica : replicas) {
      Eventually.until(
          () -> replica.exchange(OnceIdentity.of(UUID.randomUUID().toString(), Instant.now())),
          String::isEmpty);
    }
  }
}
