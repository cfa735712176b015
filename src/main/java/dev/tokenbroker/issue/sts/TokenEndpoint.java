package dev.tokenbroker.issue.sts;

import dev.tokenbroker.base.outcome.Change;
import dev.tokenbroker.base.outcome.ChangeKind;
import dev.tokenbroker.base.outcome.ChangeListener;
import dev.tokenbroker.base.outcome.Deadline;
import dev.tokenbroker.base.outcome.Outcome;
import dev.tokenbroker.judge.issuer.DiscoveryDocument;
import dev.tokenbroker.peers.http.FetchRequest;
import dev.tokenbroker.peers.http.Peer;
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
    String issuer = upstream.issuer();
    if (issuer == null) {
      throw new IllegalArgumentException(upstream.name() + " has neither issuer nor tokenEndpoint");
    }
    boolean mutualTls = upstream.authentication() instanceof ClientAuthentication.MutualTls;
    return new DiscoveredEndpoint(
        issuer,
        new FetchRequest(DiscoveryDocument.location(issuer), upstream.tls())
            .withPeer(Peer.upstream(upstream.name())),
        mutualTls,
        client,
        System::nanoTime,
        fetch -> Thread.ofVirtual().name("token-endpoint").start(fetch),
        moved ->
            changes.changed(
                Change.ofUpstream(
                        ChangeKind.ENDPOINT_MOVED,
                        upstream.name(),
                        moved.was().toString(),
                        moved.is().toString())
                    .since(moved.sinceLook())));
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
