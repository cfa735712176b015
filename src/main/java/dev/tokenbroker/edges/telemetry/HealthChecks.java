package dev.tokenbroker.edges.telemetry;

import dev.tokenbroker.edges.edge.Readiness;
import dev.tokenbroker.edges.edge.Stopping;
import dev.tokenbroker.evaluate.federation.FederationStatus;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.issue.signing.SigningKeys;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import dev.tokenbroker.peers.store.StoreHealth;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Startup;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.Locale;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Liveness;

/** The checks of the health endpoints. */
@Singleton
final class HealthChecks {

  private static final int MAX_ISSUERS = 100;

  private volatile boolean started;
  private volatile boolean stopping;

  void started(@Observes Startup event) {
    started = true;
  }

  void stops(@Observes Stopping event) {
    stopping = true;
  }

  /** The process responds. It checks nothing that a restart would not mend. */
  @Produces
  @Singleton
  @Liveness
  HealthCheck process() {
    return () -> HealthCheckResponse.up("process");
  }

  /** Up once start-up checks have passed. */
  @Produces
  @Singleton
  @org.eclipse.microprofile.health.Startup
  HealthCheck brokerStarted() {
    return () -> response("broker started", started).build();
  }

  /** Down once the process is asked to stop, though it still serves. */
  @Produces
  @Singleton
  @org.eclipse.microprofile.health.Readiness
  HealthCheck notStopping() {
    return () -> response("not stopping", !stopping).build();
  }

  /** Up while there is a key to sign tokens with. Else it says what the broker waits for. */
  @Produces
  @Singleton
  @org.eclipse.microprofile.health.Readiness
  static HealthCheck signingKey(SigningKeys keys, Readiness readiness) {
    return () ->
        response("signing key", readiness.canSign())
            .withData("published", keys.published().jwkList().size())
            .withData("waits_for", readiness.canSign() ? "nothing" : keys.awaited())
            .build();
  }

  /** Up while a federation is in force, see {@link #federation(FederationStatus, boolean)}. */
  @Produces
  @Singleton
  @org.eclipse.microprofile.health.Readiness
  static HealthCheck federation(Federations federations, Readiness readiness) {
    return () -> federation(federations.status(), readiness.federationLoaded());
  }

  /**
   * A bad document on disk leaves it up as long as an earlier good one is in force; the number of
   * problems shows.
   */
  static HealthCheckResponse federation(FederationStatus status, boolean loaded) {
    HealthCheckResponseBuilder response =
        response("federation", loaded).withData("problems", status.problems().size());
    if (status.revision() != null) {
      response.withData("revision", Federation.shortened(status.revision()));
    }
    if (status.loadedAt() != null) {
      response.withData("loaded_time", status.loadedAt().toString());
    }
    return response.build();
  }

  /**
   * Shows how fresh each issuer's keys are. Always up: a load balancer must not take the broker
   * away from all issuers because one is down.
   */
  @Produces
  @Singleton
  @org.eclipse.microprofile.health.Readiness
  static HealthCheck issuerKeys(Federations federations) {
    return () -> {
      HealthCheckResponseBuilder response = response("issuer keys (informational)", true);
      federations.current().stream()
          .flatMap(federation -> federation.issuers().all().stream())
          .limit(MAX_ISSUERS)
          .forEach(issuer -> response.withData(issuer.name(), freshness(issuer)));
      return response.build();
    };
  }

  /** Shows why calls of the store fail. Always up: other exchanges do not need the store. */
  @Produces
  @Singleton
  @org.eclipse.microprofile.health.Readiness
  static HealthCheck store(StoreHealth store) {
    return () ->
        response("store (informational)", true)
            .withData("problems", store.status().problems().toString())
            .build();
  }

  /** Down while audit records cannot be written. */
  @Produces
  @Singleton
  @org.eclipse.microprofile.health.Readiness
  static HealthCheck auditLog(AuditLog audit) {
    return () ->
        response("audit log", audit.isWriting()).withData("to", audit.destination()).build();
  }

  private static HealthCheckResponseBuilder response(String name, boolean up) {
    return HealthCheckResponse.named(name).status(up);
  }

  private static String freshness(TrustedIssuer issuer) {
    return issuer.keys().status().freshness().name().toLowerCase(Locale.ROOT);
  }
}
