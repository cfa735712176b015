package dev.tokenbroker.telemetry;

import dev.tokenbroker.federation.Federation;
import dev.tokenbroker.token.Upstream;
import dev.tokenbroker.upstream.PeerStatus;
import jakarta.inject.Singleton;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Meters of everybody whom a federation has the broker call: its issuers and its upstreams. */
@Singleton
final class PeerMeters {

  private final IssuerMeters issuers;
  private final UpstreamMeters upstreams;

  PeerMeters(IssuerMeters issuers, UpstreamMeters upstreams) {
    this.issuers = issuers;
    this.upstreams = upstreams;
  }

  /** Makes those of this federation the ones that have meters. */
  void follow(Optional<Federation> federation) {
    issuers.follow(federation.map(now -> now.issuers().all()).orElseGet(List::of));
    upstreams.follow(federation.map(now -> guards(now.upstreams())).orElseGet(Map::of));
  }

  private static Map<String, Supplier<PeerStatus>> guards(Map<String, Upstream> upstreams) {
    Map<String, Supplier<PeerStatus>> guards = new HashMap<>();
    upstreams.forEach((name, upstream) -> guards.put(name, upstream::status));
    return guards;
  }
}
