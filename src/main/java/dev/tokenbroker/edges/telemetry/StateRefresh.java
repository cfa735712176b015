package dev.tokenbroker.edges.telemetry;

import dev.tokenbroker.base.time.Rounds;
import dev.tokenbroker.edges.edge.Readiness;
import dev.tokenbroker.edges.edge.Readiness.ReadinessMayHaveChanged;
import dev.tokenbroker.evaluate.federation.Federations;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Shutdown;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;

/**
 * Checks once a second the state that changes without an exchange, and updates meters and health
 * watches. A check only compares values in memory, which takes microseconds.
 */
@Singleton
final class StateRefresh {

  private static final Duration INTERVAL = Duration.ofSeconds(1);

  private final Runnable look;
  private final Rounds rounds =
      new Rounds(
          StateRefresh.class,
          "telemetry",
          "Meters and watches of health could not follow the state of the broker");

  @Inject
  StateRefresh(
      Federations federations,
      PeerMeters peerMeters,
      FederationMeters federationMeters,
      SigningKeyMeters signingKeyMeters,
      CandidateMeters candidateMeters,
      ReplicaMeters replicaMeters,
      AuditLog audit,
      Readiness ready,
      Event<ReadinessMayHaveChanged> readiness) {
    this(
        () -> {
          ready.recording(audit.isWriting());
          readiness.fire(new ReadinessMayHaveChanged());
          federationMeters.follow(federations.status());
          peerMeters.follow(federations.current().orElse(null));
          signingKeyMeters.follow();
          candidateMeters.follow();
          replicaMeters.follow();
        });
  }

  StateRefresh(Runnable look) {
    this.look = look;
  }

  void start(@Observes Startup event) {
    rounds.begin(Duration.ZERO, INTERVAL, look);
  }

  /** Waits for a check under way, so that none runs after other parts have ended. */
  void stop(@Observes Shutdown event) {
    rounds.close(INTERVAL);
  }

  /** Ends the checks after a start that failed, too: there is no {@code Shutdown} then. */
  @PreDestroy
  void end() {
    rounds.close();
  }

  /** Checks once, on the calling thread. */
  void refresh() {
    rounds.run(look);
  }
}
