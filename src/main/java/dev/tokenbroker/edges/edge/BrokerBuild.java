package dev.tokenbroker.edges.edge;

import java.util.Optional;

/** Which version of the broker runs. */
public final class BrokerBuild {

  /** The version of the jar. */
  // A native executable has no manifest, but its build has one and reads this field from it.
  public static final String VERSION =
      Optional.ofNullable(BrokerBuild.class.getPackage().getImplementationVersion())
          .orElse("(not packaged)");

  private BrokerBuild() {}
}
