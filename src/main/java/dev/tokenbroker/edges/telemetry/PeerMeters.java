package dev.tokenbroker.edges.telemetry;

import dev.tokenbroker.edges.telemetry.UpstreamMeters.UpstreamNumbers;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.issue.sts.Upstream;
import dev.tokenbroker.peers.oauth.OwnTokens;
import jakarta.inject.Singleton;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Meters of all peers that the broker calls: issuers and upstreams of a federation, and the
 * providers of its own tokens.
 */
@Singleton
final class PeerMeters {

  private final IssuerMeters issuers;
  private final UpstreamMeters upstreams;
  private final OwnTokenMeters providers;
  private final OwnTokens own;

  PeerMeters(
      IssuerMeters issuers, UpstreamMeters upstreams, OwnTokenMeters providers, OwnTokens own) {
    this.issuers = issuers;
    this.upstreams = upstreams;
    this.providers = providers;
    this.own = own;
  }

  /** Gives the peers of this federation meters, and removes all others; null for no federation. */
  void follow(@Nullable Federation federation) {
    issuers.follow(federation == null ? List.of() : federation.issuers().all());
    upstreams.follow(federation == null ? Map.of() : numbers(federation.upstreams()));
    providers.follow(own.all());
  }

  private static Map<String, UpstreamNumbers> numbers(Map<String, Upstream> upstreams) {
    Map<String, UpstreamNumbers> numbers = new HashMap<>();
    upstreams.forEach((name, upstream) -> numbers.put(name, UpstreamNumbers.of(upstream)));
    return numbers;
  }
}
