package dev.tokenbroker.telemetry;

import dev.tokenbroker.door.Stopping;
import dev.tokenbroker.v1.TokenBrokerGrpc;
import grpc.health.v1.HealthOuterClass.HealthCheckResponse.ServingStatus;
import io.quarkus.grpc.runtime.health.GrpcHealthStorage;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Has the gRPC health protocol tell what {@link Readiness} says, for the broker's service and for
 * the server as a whole, and {@code NOT_SERVING} once the process is asked to stop; and that the
 * process answers, for {@link #LIVE}, as long as it does. Watchers hear of changes only.
 */
@Singleton
final class GrpcServingStatus {

  /**
   * What whoever would restart the process asks for: a broker that is not ready for want of a good
   * federation document is not mended by that, and one that lets its calls end is not to be killed.
   */
  static final String LIVE = "live";

  private static final List<String> SERVICES =
      List.of(GrpcHealthStorage.DEFAULT_SERVICE_NAME, TokenBrokerGrpc.SERVICE_NAME);

  private final GrpcHealthStorage storage;
  private final HealthWatches watches;
  private final BooleanSupplier ready;
  private boolean stopping;

  @Inject
  GrpcServingStatus(GrpcHealthStorage storage, HealthWatches watches, Readiness readiness) {
    this(storage, watches, readiness::ready);
  }

  GrpcServingStatus(GrpcHealthStorage storage, HealthWatches watches, BooleanSupplier ready) {
    this.storage = storage;
    this.watches = watches;
    this.ready = ready;
  }

  synchronized void follow() {
    if (!stopping) {
      tell(LIVE, ServingStatus.SERVING);
      tell(ready.getAsBoolean() ? ServingStatus.SERVING : ServingStatus.NOT_SERVING);
    }
  }

  void drains(@Observes Stopping event) {
    stop();
  }

  // Before Quarkus ends the watches, so that watchers still hear of it.
  void stops(@Observes @Priority(1) ShutdownEvent event) {
    stop();
  }

  private synchronized void stop() {
    if (!stopping) {
      stopping = true;
      watches.end();
      tell(ServingStatus.NOT_SERVING);
    }
  }

  private void tell(ServingStatus status) {
    SERVICES.forEach(service -> tell(service, status));
  }

  private void tell(String service, ServingStatus status) {
    if (storage.getStatuses().get(service) != status) {
      storage.setStatus(service, status);
    }
  }
}
