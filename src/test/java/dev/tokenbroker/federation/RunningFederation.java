package dev.tokenbroker.federation;

import dev.tokenbroker.outcome.ChangeListener;
import jakarta.enterprise.event.Startup;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;

/** A federation in force with a history, for tests of other packages. */
public final class RunningFederation {

  private RunningFederation() {}

  /** Loads the document, or what the history has in its place. */
  public static Federations start(
      Path document, Optional<Path> history, InstantSource clock, ChangeListener changes) {
    Federations federations =
        new Federations(
            new DocumentSettings(Optional.of(document), history),
            new FederationLoader(
                Documents::remote, Documents::upstream, DocumentGate.OPEN, clock, false),
            () -> {},
            _ -> {},
            clock,
            changes);
    federations.start(new Startup());
    return federations;
  }
}
