package dev.tokenbroker.sts;

import dev.tokenbroker.issuer.DiscoveryDocument;
import dev.tokenbroker.outbound.FetchRequest;
import dev.tokenbroker.outbound.Peer;
import dev.tokenbroker.outbound.UpstreamClient;
import dev.tokenbroker.outcome.Change;
import dev.tokenbroker.outcome.ChangeKind;
import dev.tokenbroker.outcome.ChangeListener;
import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.outcome.Outcome;
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
  static TokenEndpoint of(
      UpstreamDefinition upstream, UpstreamClient client, ChangeListener changes) {
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
