package dev.tokenbroker.command;

import dev.tokenbroker.federation.DocumentGate;
import dev.tokenbroker.federation.FederationLoader;
import dev.tokenbroker.federation.LoadResult;
import dev.tokenbroker.issuer.NoKeys;
import java.nio.file.Path;
import java.time.Clock;

/** Loads federation documents to look at them: without keys, upstreams and network. */
final class Documents {

  private Documents() {}

  /** The document as the broker reads it. */
  static LoadResult load(Path path, boolean httpToLoopback, DocumentGate gate) {
    return new FederationLoader(_ -> NoKeys.NONE, null, gate, Clock.systemUTC(), httpToLoopback)
        .load(path);
  }
}
