package dev.tokenbroker.peers.store;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Settings of the store that replicas share. The server's address is in {@code quarkus.redis}. */
@ConfigMapping(prefix = "token-broker.store")
public interface StoreSettings {

  /** Whether replicas share a Valkey or Redis server. If not, each replica is on its own. */
  @WithDefault("false")
  boolean shared();

  /**
   * Files of 32 to 4096 bytes each, the same on all replicas. The first names and authenticates
   * what is written; the others still count. At most 4.
   */
  Optional<List<Path>> keyFiles();

  /** What all names in the store begin with; 1 to 64 lower-case letters, digits and hyphens. */
  @WithDefault("token-broker")
  String prefix();

  /** How long a call of the store may take, in milliseconds; 10 to 2000. */
  @WithDefault("200")
  int timeoutMillis();

  /**
   * Twice the number of concurrent claims of each kind: credentials, clients' assertions, and
   * proofs; 16 to 10000.
   */
  @WithDefault("128")
  int maxConcurrent();

  /** How long the store is left alone after several calls failed, in milliseconds; 100 to 4000. */
  @WithDefault("1000")
  int coolDownMillis();

  /** How many replicas of the Valkey server must have a claim before it counts; 0 to 16. */
  @WithDefault("0")
  int waitReplicas();

  /** How long to wait for them, in milliseconds; 1 to 1000 and less than the timeout. */
  @WithDefault("50")
  int waitMillis();

  /**
   * How far the clocks of two replicas may be apart; 1 s to 1 min, and at most the leeway of DPoP
   * and of each issuer. A replica refuses to claim while its clock differs from the store's by more
   * than half of that.
   */
  @WithDefault("5s")
  Duration maxSkew();

  /**
   * Whether the store may be on another machine without TLS, where others can read the password.
   */
  @WithDefault("false")
  boolean allowPlainTcp();

  /**
   * The name of this replica for operators; 1 to 64 letters, digits, dots, hyphens and underscores.
   * The default is the environment variable HOSTNAME, else the name of the machine.
   */
  Optional<String> replicaName();
}
