package dev.tokenbroker.peers.store;

import dev.tokenbroker.process.runtime.DefaultSettings;
import java.nio.file.Path;
import java.util.List;

/** The default settings of a shared store; a test changes what it is about. */
public interface TestStoreSettings extends StoreSettings {

  static TestStoreSettings withKeys(Path... files) {
    return DefaultSettings.of(StoreSettings.class, TestStoreSettings.class)
        .withShared(true)
        .withReplicaName("a-replica")
        .withKeyFiles(List.of(files));
  }

  TestStoreSettings withShared(boolean other);

  TestStoreSettings withReplicaName(String other);

  TestStoreSettings withKeyFiles(List<Path> other);

  TestStoreSettings withWaitReplicas(int other);

  TestStoreSettings withTimeoutMillis(int other);

  TestStoreSettings withPrefix(String other);

  default TestStoreSettings withReplicas(int replicas) {
    return withWaitReplicas(replicas);
  }

  /** With time for a TLS handshake on a busy machine. */
  default TestStoreSettings patient() {
    return withTimeoutMillis(2000);
  }
}
