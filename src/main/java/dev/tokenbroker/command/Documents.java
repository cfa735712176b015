package dev.tokenbroker.command;

import dev.tokenbroker.evaluate.federation.document.DocumentGate;
import dev.tokenbroker.evaluate.federation.document.FederationLoader;
import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult;
import dev.tokenbroker.judge.issuer.NoKeys;
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
