package dev.tokenbroker.edges.telemetry;

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
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Checks once a second the state that changes without an exchange, and updates meters and health
 * watches. A check only compares values in memory, which takes microseconds.
 */
@Singleton
final class StateRefresh {

  private static final Logger LOG = Logger.getLogger(StateRefresh.class);
  private static final long INTERVAL_MILLIS = 1_000;

  private final Runnable look;
  private final Set<String> reported = new HashSet<>();
  private final ScheduledExecutorService background =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("telemetry").factory());

  @Inject
  StateRefresh(
      Federations federations,
      PeerMeters peerMeters,
      FederationMeters federationMeters,
      SigningKeyMeters signingKeyMeters,
      CandidateMeters candidateMeters,
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
        });
  }

  StateRefresh(Runnable look) {
    this.look = look;
  }

  void start(@Observes Startup event) {
    var _ =
        background.scheduleWithFixedDelay(this::refresh, 0, INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** Waits for a check under way, so that none runs after other parts have ended. */
  void stop(@Observes Shutdown event) throws InterruptedException {
    end();
    boolean _ = background.awaitTermination(INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** Ends the checks after a start that failed, too: there is no {@code Shutdown} then. */
  @PreDestroy
  void end() {
    background.shutdownNow();
  }

  // An exception must not end the schedule: watches of readiness depend on it.
  void refresh() {
    try {
      look.run();
    } catch (RuntimeException | Error bug) {
      // Other parts may have ended before the check under way.
      if (!background.isShutdown()) {
        report(bug);
      }
    }
  }

  /** Logs each kind once: the same bug comes back every second. */
  private void report(Throwable bug) {
    String kind = bug.getClass().getName();
    try {
      if (reported.add(kind)) {
        LOG.errorf(
            "Meters and watches of health could not follow the state of the broker: %s", kind);
        LOG.debug("It came from here", bug);
      }
    } catch (RuntimeException | Error _) {
      // If memory is short, logging fails as well; the next check still comes.
    }
  }
}
