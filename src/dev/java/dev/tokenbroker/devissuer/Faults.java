package dev.tokenbroker.devissuer;

import io.quarkus.arc.profile.IfBuildProfile;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * The fault that is present, which an operator of dev mode chooses. There is one at most: another
 * one ends it. Safe for use by several threads.
 */
@Singleton
@IfBuildProfile(anyOf = {"dev", "test"})
final class Faults {

  private final CiServer server;
  private final Storm storm;
  private final InstantSource clock;
  private volatile @Nullable PresentFault present;

  /** A fault that has begun. */
  record PresentFault(Fault fault, Instant since) {}

  Faults(CiServer server, Storm storm, InstantSource clock) {
    this.server = server;
    this.storm = storm;
    this.clock = clock;
  }

  /** The fault that is present; null for none. */
  @Nullable PresentFault present() {
    return present;
  }

  /** Whether faults can begin: whether the issuer runs. */
  boolean isPossible() {
    return server.port().isPresent();
  }

  /** Begins that fault, and ends another one. */
  synchronized void begin(Fault fault) {
    storm.stop();
    server.behave(fault);
    PresentFault begun = new PresentFault(fault, clock.instant());
    present = begun;
    if (fault == Fault.STORM) {
      storm.begin(server.port().orElseThrow(), () -> end(begun));
    }
  }

  /** Ends the fault that is present. */
  synchronized void end() {
    storm.stop();
    if (present != null) {
      server.behave(null);
      present = null;
    }
  }

  private synchronized void end(PresentFault over) {
    if (over.equals(present) && isPossible()) {
      end();
    }
  }
}
