package dev.tokenbroker.peers.store;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The default settings of a shared store, with these keys. */
record TestStoreSettings(List<Path> files, int waitReplicas, String prefix, int timeoutMillis)
    implements StoreSettings {

  static TestStoreSettings withKeys(Path... files) {
    return new TestStoreSettings(List.of(files), 0, "token-broker", 200);
  }

  TestStoreSettings withReplicas(int replicas) {
    return new TestStoreSettings(files, replicas, prefix, timeoutMillis);
  }

  /** With time for a TLS handshake on a busy machine. */
  TestStoreSettings patient() {
    return new TestStoreSettings(files, waitReplicas, prefix, 2000);
  }

  TestStoreSettings withPrefix(String other) {
    return new TestStoreSettings(files, waitReplicas, other, timeoutMillis);
  }

  @Override
  public boolean shared() {
    return true;
  }

  @Override
  public Optional<List<Path>> keyFiles() {
    return Optional.of(files);
  }

  @Override
  public int maxConcurrent() {
    return 128;
  }

  @Override
  public int coolDownMillis() {
    return 1000;
  }

  @Override
  public int waitMillis() {
    return 50;
  }

  @Override
  public Duration maxSkew() {
    return Duration.ofSeconds(5);
  }

  @Override
  public boolean allowPlainTcp() {
    return false;
  }

  @Override
  public Optional<String> replicaName() {
    return Optional.of("a-replica");
  }
}
