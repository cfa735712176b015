package dev.tokenbroker.grpc;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/** Settings of the gRPC port. */
@ConfigMapping(prefix = "token-broker.grpc")
public interface GrpcSettings {

  /** The address to listen at; that of {@code quarkus.http.host} unless set. */
  Optional<String> host();

  /** The port to listen at; 0 for one that the system chooses. */
  @WithDefault("9000")
  int port();

  /** Whether server reflection tells strangers which services and messages there are. */
  @WithDefault("false")
  boolean reflection();

  /** The most connections at once; one more is closed when it is accepted. */
  @WithDefault("16384")
  int maxConnections();

  /** How long a connection may be without a call before it is told to go away. */
  @WithDefault("5m")
  Duration maxConnectionIdle();

  /** How long a connection may live before it is told to go away, so that load spreads. */
  @WithDefault("30m")
  Duration maxConnectionAge();
}
