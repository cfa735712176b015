package dev.tokenbroker.edges.edge;

import dev.tokenbroker.peers.store.ComparedFact;
import dev.tokenbroker.peers.store.Roster;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Singleton;
import java.util.Optional;

/** Which version of the broker runs. */
@Singleton
public final class BrokerBuild {

  /** The version of the jar. */
  // A native executable has no manifest, but its build has one and reads this field from it.
  public static final String VERSION =
      Optional.ofNullable(BrokerBuild.class.getPackage().getImplementationVersion())
          .orElse("(not packaged)");

  void tell(@Observes Startup event, Roster roster) {
    roster.tell(ComparedFact.BUILD.label(), () -> VERSION);
  }
}
