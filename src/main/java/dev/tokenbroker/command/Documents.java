package dev.tokenbroker.command;

import dev.tokenbroker.evaluate.federation.document.DocumentGate;
import dev.tokenbroker.evaluate.federation.document.FederationLoader;
import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult;
import dev.tokenbroker.evaluate.federation.document.Surroundings;
import dev.tokenbroker.issue.signing.TokenSettings;
import dev.tokenbroker.judge.issuer.NoKeys;
import dev.tokenbroker.peers.http.PeerSettings;
import dev.tokenbroker.peers.store.StoreSettings;
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

  /** The document as a broker with these settings reads it. */
  static LoadResult load(Path path, CommandSettings settings, DocumentGate gate) {
    return loader(settings, gate).load(path);
  }

  /** Reads documents as a broker with these settings does. */
  static FederationLoader loader(CommandSettings settings, DocumentGate gate) {
    Surroundings surroundings =
        Surroundings.of(
            settings.of(PeerSettings.class),
            settings.of(StoreSettings.class),
            settings.of(TokenSettings.class),
            null);
    return new FederationLoader(_ -> NoKeys.NONE, null, gate, Clock.systemUTC(), surroundings);
  }
}
