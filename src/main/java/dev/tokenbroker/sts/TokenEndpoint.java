package dev.tokenbroker.sts;

import dev.tokenbroker.outbound.UpstreamClient;
import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.outcome.Outcome;
import java.net.URI;

/** Where an upstream takes token requests. Safe for use by several threads. */
sealed interface TokenEndpoint permits TokenEndpoint.Declared, DiscoveredEndpoint {

  /** The address; waits for it until the deadline where it has yet to be found out. */
  Outcome<URI> locate(Deadline deadline);

  /** Tells that the address last given may be the wrong one. */
  void doubt();

  /**
   * That of a definition, whose endpoint or issuer is not null.
   *
   * @throws IllegalArgumentException where both are null
   */
  static TokenEndpoint of(UpstreamDefinition upstream, UpstreamClient client) {
    if (upstream.tokenEndpoint() != null) {
      return new Declared(upstream.tokenEndpoint());
    }
    String issuer = upstream.issuer();
    if (issuer == null) {
      throw new IllegalArgumentException(upstream.name() + " has neither issuer nor tokenEndpoint");
    }
    boolean mutualTls = upstream.authentication() instanceof ClientAuthentication.MutualTls;
    return new DiscoveredEndpoint(issuer, upstream.tls(), mutualTls, client, System::nanoTime);
  }

  /** Operators say where it is. */
  record Declared(URI uri) implements TokenEndpoint {

    @Override
    public Outcome<URI> locate(Deadline deadline) {
      return Outcome.accepted(uri);
    }

    @Override
    public void doubt() {}
  }
}
