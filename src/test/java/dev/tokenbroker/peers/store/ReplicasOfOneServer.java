package dev.tokenbroker.peers.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.peers.store.StoreClaim.ClaimedName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** One real server for the tests of a class, empty before each, and replicas with two keys. */
class ReplicasOfOneServer {

  @TempDir static Path directory;

  static Path oldKey = Path.of("");
  static Path newKey = Path.of("");
  static ValkeyServer server;
  static StoreReplicas replicas;

  @BeforeAll
  static void start() throws IOException {
    oldKey = Files.writeString(directory.resolve("old"), "o".repeat(32));
    newKey = Files.writeString(directory.resolve("new"), "n".repeat(32));
    server = ValkeyServer.start(directory);
    replicas = new StoreReplicas(server);
  }

  @AfterAll
  static void stop() {
    replicas.close();
    server.close();
  }

  @AfterEach
  void rest() {
    replicas.end();
  }

  @BeforeEach
  void empty() {
    assertThat(server.admin("FLUSHALL")).containsExactly("OK");
  }

  /** The name of a credential that was issued long ago. */
  static ClaimedName named(String id) {
    return new ClaimedName(
        StoreKind.CREDENTIAL, id, Instant.now().minusSeconds(60), Duration.ofMinutes(5));
  }
}
