package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult;
import dev.tokenbroker.issue.signing.TokenSettings;
import dev.tokenbroker.judge.issuer.NoKeys;
import dev.tokenbroker.peers.http.PeerSettings;
import dev.tokenbroker.peers.oauth.OwnTokens;
import dev.tokenbroker.peers.store.StoreSettings;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * Loads documents that are only judged: such a federation never fetches keys and has no upstreams.
 */
@Singleton
public final class UnconnectedLoader {

  private final Surroundings surroundings;
  private final InstantSource clock;

  @Inject
  UnconnectedLoader(
      PeerSettings upstream,
      StoreSettings store,
      TokenSettings token,
      OwnTokens own,
      InstantSource clock) {
    this(Surroundings.of(upstream, store, token, own.names()), clock);
  }

  /**
   * A loader for documents that may name any client of the broker's own.
   *
   * @param httpToLoopback whether a document may name issuers and upstreams on this host without
   *     TLS
   */
  public UnconnectedLoader(boolean httpToLoopback, InstantSource clock) {
    this(Surroundings.unknown(httpToLoopback), clock);
  }

  /** A loader for documents with these surroundings. */
  public UnconnectedLoader(Surroundings surroundings, InstantSource clock) {
    this.surroundings = surroundings;
    this.clock = clock;
  }

  /** The same loader for documents with that root document; null for none. */
  public UnconnectedLoader withRoot(@Nullable Path root) {
    return new UnconnectedLoader(surroundings.withRoot(root), clock);
  }

  /** Loads a document as {@link FederationLoader#load(Path)} does. */
  public LoadResult load(Path path, DocumentGate gate) {
    return new FederationLoader(_ -> NoKeys.NONE, null, gate, clock, surroundings).load(path);
  }
}
