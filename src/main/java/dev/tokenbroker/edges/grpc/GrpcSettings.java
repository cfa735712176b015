package dev.tokenbroker.edges.grpc;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/** Settings of the gRPC port. */
@ConfigMapping(prefix = "token-broker.grpc")
public interface GrpcSettings {

  /** The address to listen on; {@code quarkus.http.host} by default. */
  Optional<String> host();

  /** The port to listen on; 0 lets the system choose one. */
  @WithDefault("9000")
  int port();

  /** Whether server reflection lists services and messages, without authentication. */
  @WithDefault("false")
  boolean reflection();

  /** The most open connections; the server closes any further one when it accepts it. */
  @WithDefault("16384")
  int maxConnections();

  /** The time after which a connection without calls gets GOAWAY. */
  @WithDefault("5m")
  Duration maxConnectionIdle();

  /** The age at which a connection gets GOAWAY, so that load spreads. */
  @WithDefault("30m")
  Duration maxConnectionAge();
}
