package dev.tokenbroker.federation;

import dev.tokenbroker.issuer.NoKeys;
import dev.tokenbroker.outbound.UpstreamSettings;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.time.InstantSource;

/**
 * Loads documents that are only judged: such a federation never fetches keys and has no upstreams.
 */
@Singleton
public final class UnconnectedLoader {

  private final boolean httpToLoopback;
  private final InstantSource clock;

  @Inject
  UnconnectedLoader(UpstreamSettings upstream, InstantSource clock) {
    this(upstream.allowHttpToLoopback(), clock);
  }

  /**
   * @param httpToLoopback whether a document may name issuers and upstreams on this host without
   *     TLS
   */
  public UnconnectedLoader(boolean httpToLoopback, InstantSource clock) {
    this.httpToLoopback = httpToLoopback;
    this.clock = clock;
  }

  /** Loads a document as {@link FederationLoader#load(Path)} does. */
  public LoadResult load(Path path, DocumentGate gate) {
    return new FederationLoader(_ -> NoKeys.NONE, null, gate, clock, httpToLoopback).load(path);
  }
}
