package dev.tokenbroker.peers.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The stores of replicas at a real Valkey server on loopback, over TLS; for benchmarks. Their calls
 * have no timeout, circuit breaker or bulkhead.
 */
public final class ValkeyReplicas implements AutoCloseable {

  private final ValkeyServer server;
  private final StoreReplicas replicas;
  private final Path key;

  public ValkeyReplicas(Path directory) throws IOException {
    this.server = ValkeyServer.start(directory);
    this.replicas = new StoreReplicas(server);
    this.key = Files.writeString(directory.resolve("store.key"), "k".repeat(32));
  }

  /** The store of one replica, 0 to 2. */
  public SharedStore store(int replica) {
    return replicas.one(replica, key);
  }

  @Override
  public void close() {
    replicas.close();
    server.close();
  }
}
