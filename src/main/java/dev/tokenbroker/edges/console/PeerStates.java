package dev.tokenbroker.edges.console;

import dev.tokenbroker.base.change.Change.SubjectKind;
import dev.tokenbroker.base.refusal.Evidence;
import dev.tokenbroker.edges.telemetry.IssuerMeters;
import dev.tokenbroker.issue.sts.Upstream;
import dev.tokenbroker.judge.issuer.ClockOffset;
import dev.tokenbroker.judge.issuer.KeySetSource.KeySetStatus;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import dev.tokenbroker.peers.guard.PeerStatus;
import dev.tokenbroker.peers.http.Peer;
import dev.tokenbroker.peers.http.PeerCertificates;
import dev.tokenbroker.peers.oauth.OwnClient;
import dev.tokenbroker.peers.oauth.OwnTokens;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Describes the issuers, the upstreams and the broker's own clients for the line of the state.
 * Reads values in memory.
 */
@Singleton
final class PeerStates {

  /** How many peers of each kind are shown. */
  static final int MAX_PEERS = 100;

  private static final double NANOS = 1e9;

  private final PeerCertificates certificates;
  private final OwnTokens own;
  private final IssuerMeters meters;
  private final InstantSource clock;

  PeerStates(
      PeerCertificates certificates, OwnTokens own, IssuerMeters meters, InstantSource clock) {
    this.certificates = certificates;
    this.own = own;
    this.meters = meters;
    this.clock = clock;
  }

  /** The first {@value #MAX_PEERS} issuers, in the order of the document. */
  List<Map<String, Object>> issuers(List<TrustedIssuer> issuers) {
    Map<Peer, Instant> expiries = certificates.expiries(SubjectKind.ISSUER);
    return issuers.stream()
        .limit(MAX_PEERS)
        .map(
            issuer -> {
              Map<String, Object> members = issuer(issuer);
              number(members, "bound_ratio", meters.fetchBoundRatio(issuer.name()));
              certificate(
                  members, expiries.get(Peer.issuer(issuer.issuer(), issuer.keys().place())));
              return members;
            })
        .toList();
  }

  private Map<String, Object> issuer(TrustedIssuer issuer) {
    KeySetStatus keys = issuer.keys().status();
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("name", issuer.name());
    members.put("issuer", issuer.issuer());
    members.put("disabled", issuer.disabled());
    members.put("freshness", keys.freshness().name().toLowerCase(Locale.ROOT));
    members.put("keys", issuer.keys().kids().stream().map(Evidence::clean).toList());
    members.put("key_count", keys.keyCount());
    Instant fetchedAt = keys.fetchedAt();
    if (fetchedAt != null) {
      members.put("age_seconds", Duration.between(fetchedAt, clock.instant()).toSeconds());
    }
    ClockOffset offset = keys.clockOffset();
    if (offset != null) {
      number(members, "clock_offset_seconds", offset.measured().toNanos() / NANOS);
    }
    members.put("fetches", keys.fetches());
    members.put("failed_fetches", keys.failures());
    return members;
  }

  /** The first {@value #MAX_PEERS} upstreams, by name. */
  List<Map<String, Object>> upstreams(Collection<Upstream> upstreams) {
    Map<Peer, Instant> expiries = certificates.expiries(SubjectKind.UPSTREAM);
    return upstreams.stream()
        .sorted(Comparator.comparing(upstream -> upstream.definition().name()))
        .limit(MAX_PEERS)
        .map(
            upstream -> {
              Map<String, Object> members = upstream(upstream);
              certificate(members, expiries.get(Peer.upstream(upstream.definition().name())));
              return members;
            })
        .toList();
  }

  /** The clients that get the broker's own tokens, by name. The settings bound their number. */
  List<Map<String, Object>> ownClients() {
    return own.all().stream()
        .sorted(Comparator.comparing(OwnClient::name))
        .limit(MAX_PEERS)
        .map(
            client -> {
              Map<String, Object> members = guarded(client.name(), client.status());
              members.put("token_seconds", client.remainingLife().toSeconds());
              return members;
            })
        .toList();
  }

  private static Map<String, Object> upstream(Upstream upstream) {
    return guarded(upstream.definition().name(), upstream.status());
  }

  private static Map<String, Object> guarded(String name, PeerStatus status) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("name", name);
    members.put("circuit", status.circuit().name().toLowerCase(Locale.ROOT));
    members.put("in_flight", status.inFlight());
    members.put("in_flight_limit", status.limit());
    members.put("attempts", status.attempts());
    members.put("needed", status.needed());
    members.put("retries", status.retries());
    members.put("failures", status.failures());
    number(members, "bound_ratio", status.boundRatio());
    number(members, "headroom", status.headroom());
    number(members, "budget_tokens", status.budgetTokens());
    number(members, "burst", status.burst());
    return members;
  }

  private void certificate(Map<String, Object> members, @Nullable Instant expiry) {
    if (expiry != null) {
      members.put("certificate_days", Duration.between(clock.instant(), expiry).toDays());
      members.put("certificate_end_time", expiry.toString());
    }
  }

  /** To a thousandth; a number that is unknown is left out. */
  private static void number(Map<String, Object> members, String name, double number) {
    if (Double.isFinite(number)) {
      members.put(name, Math.round(number * 1e3) / 1e3);
    }
  }
}
