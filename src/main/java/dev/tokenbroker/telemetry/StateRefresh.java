package dev.tokenbroker.telemetry;

import dev.tokenbroker.federation.Federations;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Shutdown;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Once a second looks at what changes without an exchange, and has meters and gRPC health follow.
 * It only compares what is in memory, so that a look costs microseconds.
 */
@Singleton
final class StateRefresh {

  private static final Logger LOG = Logger.getLogger(StateRefresh.class);
  private static final long INTERVAL_MILLIS = 1_000;

  private final Federations federations;
  private final IssuerMeters issuerMeters;
  private final FederationMeters federationMeters;
  private final SigningKeyMeters signingKeyMeters;
  private final GrpcServingStatus grpcStatus;
  private final ScheduledExecutorService background =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("telemetry").factory());

  StateRefresh(
      Federations federations,
      IssuerMeters issuerMeters,
      FederationMeters federationMeters,
      SigningKeyMeters signingKeyMeters,
      GrpcServingStatus grpcStatus) {
    this.federations = federations;
    this.issuerMeters = issuerMeters;
    this.federationMeters = federationMeters;
    this.signingKeyMeters = signingKeyMeters;
    this.grpcStatus = grpcStatus;
  }

  void start(@Observes Startup event) {
    var _ =
        background.scheduleWithFixedDelay(this::refresh, 0, INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
  }

  void stop(@Observes Shutdown event) {
    background.shutdownNow();
  }

  // A bug here must not end the schedule: readiness over gRPC hangs on it.
  void refresh() {
    try {
      grpcStatus.follow();
      federationMeters.follow(federations.status());
      issuerMeters.follow(
          federations.current().map(federation -> federation.issuers().all()).orElseGet(List::of));
      signingKeyMeters.follow();
    } catch (RuntimeException bug) {
      LOG.error("Meters and gRPC health could not follow the state of the broker", bug);
    }
  }
}
