package dev.tokenbroker.peers.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.edges.grpc.Patience;
import dev.tokenbroker.evaluate.revocation.Revocations;
import dev.tokenbroker.evaluate.revocation.TestRevocations;
import dev.tokenbroker.issue.signing.PublishingReplica;
import dev.tokenbroker.peers.store.StoreClaim.StoredValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three replicas at a store that somebody else writes to as well: random deletions, insertions,
 * swaps and restarts. {@code -Dhostile.store.sequences} is how many, {@code -Dhostile.store.seed}
 * repeats what was drawn.
 */
@Tag("store")
@Tag("in-process")
class HostileStoreIT {

  /** As in src/docs/operate/store.md, for fewer than 1,000 entries. */
  private static final Duration STATED = Duration.ofSeconds(10);

  private static final int SEQUENCES = Integer.getInteger("hostile.store.sequences", 20);
  private static final int SERVERS = Integer.getInteger("hostile.store.servers", 4);
  private static final Deadline DEADLINE = Deadline.after(Duration.ofHours(10));

  @TempDir Path directory;

  @Test
  void no_revocation_and_no_key_is_lost_without_an_event() throws Exception {
    long seed = Long.getLong("hostile.store.seed", System.nanoTime());
    System.out.printf("-Dhostile.store.seed=%d, %d sequences%n", seed, SEQUENCES);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Tally>> all =
          IntStream.range(0, SERVERS)
              .mapToObj(at -> threads.submit(() -> attacked(at, seed + at)))
              .toList();
      Tally sum = new Tally(0, 0, 0, 0, Duration.ZERO);
      for (Future<Tally> one : all) {
        sum = sum.plus(one.get());
      }
      System.out.println(sum);
      assertThat(sum.revoked()).isPositive();
      assertThat(sum.published()).isPositive();
    }
  }

  /** What happened, so that a reader sees that something did. */
  private record Tally(int revoked, int published, int losses, int events, Duration longest) {

    Tally plus(Tally other) {
      return new Tally(
          revoked + other.revoked,
          published + other.published,
          losses + other.losses,
          events + other.events,
          longest.compareTo(other.longest) > 0 ? longest : other.longest);
    }
  }

  private Tally attacked(int at, long seed) throws IOException {
    Path own = Files.createDirectory(directory.resolve("" + at));
    try (ValkeyServer server = ValkeyServer.start(own);
        StoreReplicas replicas = new StoreReplicas(server)) {
      Attack attack = new Attack(server, replicas, own, new Random(seed));
      for (int sequence = at; sequence < SEQUENCES; sequence += SERVERS) {
        attack.run("server %d of seed %d, sequence %d".formatted(at, seed, sequence));
        if (sequence % 100 == 99) { // for those who wait
          System.out.printf("server %d, sequence %d: %s%n", at, sequence, attack.tally());
        }
      }
      return attack.tally();
    }
  }

  /** One replica: what it has revoked and publishes. */
  private record Replica(Revocations revocations, PublishingReplica keys) {

    static Replica of(ValkeyStore store) {
      return new Replica(
          new Revocations(TestRevocations.inMemory().withMaxTokens(50_000), store, Clocks.system()),
          new PublishingReplica(store));
    }
  }

  /** The replicas of one server, and the sequences that it has behind it. */
  private static final class Attack {

    private static final String CONTENT = "o".repeat(32);

    private final StoreReplicas stores;
    private final ValkeyServer server;
    private final HostileWriter writer;
    private final Random random;
    private final StoreKey key = new StoreKey(CONTENT.getBytes(UTF_8));
    private final Path keyFile;
    private final List<ValkeyStore> running = new ArrayList<>();
    private final List<Replica> replicas = new ArrayList<>();
    private final Set<String> revoked = new HashSet<>();
    private final Set<String> published = new HashSet<>();
    private final List<String> done = new ArrayList<>();
    private int losses;
    private int events;
    private Duration longest = Duration.ZERO;

    Attack(ValkeyServer server, StoreReplicas stores, Path directory, Random random)
        throws IOException {
      this.server = server;
      this.stores = stores;
      this.random = random;
      this.writer = new HostileWriter(server, directory, random);
      this.keyFile = Files.writeString(directory.resolve("key"), CONTENT);
      for (int at = 0; at < 3; at++) {
        running.add(stores.talkative(at, keyFile));
        replicas.add(Replica.of(running.get(at)));
      }
    }

    void run(String name) {
      done.clear();
      stores.changes().clear();
      if (random.nextInt(5) == 0) {
        restartOne();
      }
      Set<String> inForce = new HashSet<>(revoked);
      inForce.addAll(published);
      int steps = random.nextInt(3, 10);
      for (int step = 0; step < steps; step++) {
        switch (random.nextInt(6)) {
          case 0 -> publish();
          case 1 -> revoke(inForce);
          case 2 -> done.add(Patience.after(Duration.ofMillis(random.nextInt(700)), () -> "pause"));
          default -> done.add(writer.act());
        }
      }
      long ended = System.nanoTime();
      Duration most = STATED.plusMillis(entries());
      Eventually.see(most, this::missing, List::isEmpty);
      assertThat(missing()).as("%s: %s", name, done).isEmpty();
      Duration took = Duration.ofNanos(System.nanoTime() - ended);
      longest = took.compareTo(longest) > 0 ? took : longest;

      List<StoredValue> lost =
          writer.taken().stream().filter(value -> isOf(inForce, value)).toList();
      losses += lost.isEmpty() ? 0 : 1;
      if (!lost.isEmpty()) {
        Eventually.see(most, this::lossesTold, told -> told > 0);
        assertThat(lossesTold()).as("%s: %s lost %s", name, done, lost).isPositive();
      }
      events += (int) lossesTold();
    }

    Tally tally() {
      return new Tally(revoked.size(), published.size(), losses, events, longest);
    }

    /** A replica that starts knows nothing but what the store has. */
    private void restartOne() {
      int at = random.nextInt(3);
      done.add("restart of replica " + at);
      running.get(at).stop();
      running.set(at, stores.talkative(at, keyFile));
      replicas.set(at, Replica.of(running.get(at)));
    }

    private void revoke(Set<String> inForce) {
      String id = "token-" + revoked.size() + "-" + random.nextInt(1_000_000);
      Instant now = Instant.now();
      try {
        Outcome<?> outcome =
            some().revocations().revoke(id, now, now.plus(Duration.ofMinutes(50)), DEADLINE);
        if (outcome instanceof Outcome.Accepted<?>) {
          revoked.add(id);
          inForce.add(id);
          done.add("revoke");
        }
      } catch (RuntimeException away) { // in a broker, a fallback makes it a refusal
        done.add("refused");
      }
    }

    private void publish() {
      PublishingReplica replica = some().keys();
      Set<String> before = replica.published();
      try {
        published.add(replica.publish());
      } catch (RuntimeException away) { // it is published, and announced later
        replica.published().stream().filter(kid -> !before.contains(kid)).forEach(published::add);
      }
      done.add("publish");
    }

    private Replica some() {
      return replicas.get(random.nextInt(replicas.size()));
    }

    /** What some replica does not know. */
    private List<String> missing() {
      List<String> missing = new ArrayList<>();
      for (int at = 0; at < replicas.size(); at++) {
        Replica replica = replicas.get(at);
        String where = " at " + at;
        revoked.stream()
            .filter(id -> !replica.revocations().holds(id))
            .forEach(id -> missing.add(id + where));
        Set<String> known = replica.keys().published();
        published.stream()
            .filter(kid -> !known.contains(kid))
            .forEach(kid -> missing.add(kid + where));
        if (!replica.revocations().isCurrent()) {
          missing.add("news" + where);
        }
      }
      return missing;
    }

    private long lossesTold() {
      return stores.changes().stream()
          .filter(change -> change.toString().contains("entries of the log"))
          .count();
    }

    private int entries() {
      return server.admin("KEYS", "{token-broker:*").stream()
          .filter(log -> !log.isEmpty() && server.admin("TYPE", log).getFirst().equals("zset"))
          .mapToInt(log -> Integer.parseInt(server.admin("ZCARD", log).getFirst()))
          .sum();
    }

    /** Whether it is an authentic value of something that was in force all the time. */
    private boolean isOf(Set<String> inForce, StoredValue value) {
      return open(LogKind.REVOCATIONS, value)
              .filter(entry -> inForce.contains(new String(entry.content(), UTF_8)))
              .isPresent()
          || open(LogKind.SIGNING_KEYS, value)
              .filter(entry -> replicas.stream().anyMatch(one -> one.keys().knows(entry)))
              .map(entry -> new String(entry.content(), UTF_8))
              .filter(content -> inForce.stream().anyMatch(content::contains))
              .isPresent();
    }

    /** Opens an entry of that log; a copy that was in another log counts for nothing. */
    private Optional<LogEntry> open(LogKind kind, StoredValue value) {
      return Optional.of(value)
          .filter(in -> in.name().equals(key.name("token-broker", kind.label(), "log")))
          .flatMap(key::open)
          .map(opened -> new LogEntry(opened.written(), opened.content()));
    }
  }
}
