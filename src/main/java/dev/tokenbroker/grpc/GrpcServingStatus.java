package dev.tokenbroker.grpc;

import dev.tokenbroker.door.AtFirstCall;
import dev.tokenbroker.door.Readiness;
import dev.tokenbroker.v1.TokenBrokerGrpc;
import grpc.health.v1.HealthOuterClass.HealthCheckResponse;
import grpc.health.v1.HealthOuterClass.HealthCheckResponse.ServingStatus;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import java.util.Optional;

/**
 * What the gRPC health protocol tells: what {@link Readiness} says, for the broker's service and
 * for the server as a whole, and {@code NOT_SERVING} once the process is asked to stop; and that
 * the process answers, for {@link #LIVE}, as long as it does. Safe for use by any number of
 * threads.
 */
@Singleton
final class GrpcServingStatus {

  /**
   * What whoever would restart the process asks for: a broker that is not ready for want of a good
   * federation document is not mended by that, and one that lets its calls end is not to be killed.
   */
  static final String LIVE = "live";

  private static final String SERVER = "";
  private static final HealthCheckResponse SERVING = response(ServingStatus.SERVING);
  private static final HealthCheckResponse NOT_SERVING = response(ServingStatus.NOT_SERVING);

  private final AtFirstCall<Readiness> readiness;
  private volatile boolean stopping;

  // The server makes its services before the settings are checked.
  GrpcServingStatus(Provider<Readiness> readiness) {
    this.readiness = new AtFirstCall<>(readiness);
  }

  /** Empty for a service that there is not. */
  Optional<HealthCheckResponse> of(String service) {
    return switch (service) {
      case LIVE -> Optional.of(SERVING);
      case SERVER, TokenBrokerGrpc.SERVICE_NAME -> Optional.of(serves() ? SERVING : NOT_SERVING);
      default -> Optional.empty();
    };
  }

  /** The process was asked to stop. */
  void stop() {
    stopping = true;
  }

  boolean stopping() {
    return stopping;
  }

  private static HealthCheckResponse response(ServingStatus status) {
    return HealthCheckResponse.newBuilder().setStatus(status).build();
  }

  private boolean serves() {
    return !stopping && readiness.get().ready();
  }
}
