package dev.tokenbroker.peers.store;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.evaluate.revocation.Revocations;
import dev.tokenbroker.evaluate.revocation.TestRevocations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** As many revocations as the settings allow, of three replicas at a real server. */
@Tag("store")
@Tag("jar")
class ManyRevocationsIT {

  private static final int MANY = 100_000;
  private static final String LAST = "token-" + (MANY - 1);

  @TempDir Path directory;

  @Test
  void a_store_that_lost_its_memory_gets_all_of_them_back() throws IOException {
    Path key = Files.writeString(directory.resolve("key"), "k".repeat(32));
    try (ValkeyServer server = ValkeyServer.start(directory);
        StoreReplicas replicas = new StoreReplicas(server)) {
      long began = System.nanoTime();
      Revocations first = replica(TestRevocations.in(file()), replicas.one(0, key));
      List<Revocations> all =
          List.of(
              first,
              replica(TestRevocations.inMemory(), replicas.one(1, key)),
              replica(TestRevocations.inMemory(), replicas.one(2, key)));
      assertThat(first.held()).isEqualTo(MANY);
      assertThat(all).allSatisfy(replica -> hasAll(replica, began, "heard"));

      server.admin("FLUSHALL");
      long lost = System.nanoTime();
      List<Boolean> current = new ArrayList<>();
      reaches(
          () -> {
            all.forEach(replica -> current.add(replica.isCurrent()));
            return size(server);
          });
      report("healed", lost);
      System.out.printf(
          "%d of %d looks at a replica meanwhile found it current%n",
          current.stream().filter(now -> now).count(), current.size());

      long later = System.nanoTime();
      replicas.end();
      hasAll(
          replica(TestRevocations.inMemory(), replicas.one(1, key)), later, "heard by a new one");
    }
  }

  private static void hasAll(Revocations replica, long began, String what) {
    reaches(replica::held);
    assertThat(replica.holds(LAST)).isTrue();
    report(what, began);
  }

  /** Waits as long as the number grows, however busy the machine is. */
  private static void reaches(Supplier<Integer> count) {
    int before = -1;
    int now = count.get();
    while (now < MANY && now > before) {
      before = now;
      now = Eventually.see(count, seen -> seen == MANY);
    }
    assertThat(now).isEqualTo(MANY);
  }

  private static void report(String what, long began) {
    System.out.printf(
        "%d revocations %s after %d ms%n",
        MANY, what, Duration.ofNanos(System.nanoTime() - began).toMillis());
  }

  private static int size(ValkeyServer server) {
    List<String> names = server.admin("KEYS", "{token-broker:revoked}*");
    return names.isEmpty()
        ? 0
        : Integer.parseInt(server.admin("ZCARD", names.getFirst()).getFirst());
  }

  private static Revocations replica(TestRevocations settings, SharedStore store) {
    return new Revocations(settings.withMaxTokens(MANY), store, Clocks.system());
  }

  /** A file of revocations, as a replica leaves it. */
  private Path file() throws IOException {
    long end = Instant.now().plusSeconds(600).getEpochSecond();
    Stream<String> lines =
        IntStream.range(0, MANY)
            .mapToObj(at -> "token-%d %d".formatted(at, end))
            .map(line -> line + " " + checksum(line));
    return Files.write(
        directory.resolve("revocations"),
        Stream.concat(Stream.of("token-broker-revocations 1"), lines).toList());
  }

  private static String checksum(String line) {
    CRC32 crc = new CRC32();
    crc.update(line.getBytes(US_ASCII));
    return "%08x".formatted(crc.getValue());
  }
}
