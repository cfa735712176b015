package dev.tokenbroker.issue.sts;

import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.peers.http.PeerClient;
import java.net.URI;

/** Where an upstream takes token requests. Safe for use by several threads. */
sealed interface TokenEndpoint permits TokenEndpoint.Declared, DiscoveredEndpoint {

  /** The address; waits until the deadline if it is not known yet. */
  Outcome<URI> locate(Deadline deadline);

  /** Reports that the last address may be the wrong one. */
  void doubt();

  /**
   * The endpoint of a definition, whose endpoint or issuer is not null.
   *
   * @throws IllegalArgumentException if both are null
   */
  static TokenEndpoint of(UpstreamDefinition upstream, PeerClient client, ChangeListener changes) {
    if (upstream.tokenEndpoint() != null) {
      return new Declared(upstream.tokenEndpoint());
    }
    if (upstream.issuer() == null) {
      throw new IllegalArgumentException(upstream.name() + " has neither issuer nor tokenEndpoint");
    }
    return new DiscoveredEndpoint(
        upstream,
        client,
        System::nanoTime,
        fetch -> Thread.ofVirtual().name("token-endpoint").start(fetch),
        changes);
  }

  /** The address that operators declare. */
  record Declared(URI uri) implements TokenEndpoint {

    @Override
    public Outcome<URI> locate(Deadline deadline) {
      return Outcome.accepted(uri);
    }

    @Override
    public void doubt() {}
  }
}
