package dev.tokenbroker.edges.console;

import dev.tokenbroker.edges.http.operator.ReplicaMembers;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.issue.sts.Upstream;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import dev.tokenbroker.judge.policy.Rule;
import dev.tokenbroker.operate.changes.Outage;
import dev.tokenbroker.operate.changes.Outages;
import dev.tokenbroker.operate.changes.RefusalHistory;
import dev.tokenbroker.operate.changes.RefusalHistory.RefusalCurve;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes the line of the state: the federation in force, its issuers, upstreams and rules, the
 * replicas, and the refusals and outages of the last fifteen minutes. Reads values in memory, and
 * each list is bounded.
 */
@Singleton
final class LiveState {

  /** How many outages are shown. */
  static final int MAX_OUTAGES = 50;

  private final DocumentState document;
  private final PeerStates peers;
  private final ReplicaMembers replicas;
  private final RefusalHistory refusals;
  private final Outages outages;
  private final InstantSource clock;

  LiveState(
      DocumentState document,
      PeerStates peers,
      ReplicaMembers replicas,
      RefusalHistory refusals,
      Outages outages,
      InstantSource clock) {
    this.document = document;
    this.peers = peers;
    this.replicas = replicas;
    this.refusals = refusals;
    this.outages = outages;
    this.clock = clock;
  }

  LiveLine line() {
    Instant now = clock.instant();
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("event", "state");
    members.put("time", now.toString());
    document.describe(members);
    parts(members);
    document.describeCandidate(members);
    members.put("refusals", refusals(now));
    return LiveLine.of(members);
  }

  private void parts(Map<String, Object> members) {
    List<TrustedIssuer> issuers =
        document.inForce().map(federation -> federation.issuers().all()).orElse(List.of());
    Collection<Upstream> upstreams =
        document.inForce().map(Federation::upstreams).orElse(Map.of()).values();
    List<Rule> rules =
        document.inForce().map(federation -> federation.policy().rules()).orElse(List.of());
    members.put("issuers", peers.issuers(issuers));
    members.put("upstreams", peers.upstreams(upstreams));
    members.put("own_clients", peers.ownClients());
    members.put("rules", document.rules(rules));
    List<Outage> all = outages.all();
    members.put("outages", all.stream().limit(MAX_OUTAGES).map(Outage::members).toList());
    if (replicas.isShared()) {
      replicas.describe(members);
    }
    Map<String, Object> leftOut = new LinkedHashMap<>();
    leftOut.put("issuers", Math.max(0, issuers.size() - PeerStates.MAX_PEERS));
    leftOut.put("upstreams", Math.max(0, upstreams.size() - PeerStates.MAX_PEERS));
    leftOut.put("rules", Math.max(0, rules.size() - DocumentState.MAX_RULES));
    leftOut.put("outages", Math.max(0, all.size() - MAX_OUTAGES));
    leftOut.put("replicas", Math.max(0, replicas.size() - ReplicaMembers.MAX_REPLICAS));
    members.put("left_out", leftOut);
  }

  private Map<String, Object> refusals(Instant now) {
    RefusalCurve curve = refusals.curve();
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("bucket_seconds", curve.bucket().toSeconds());
    members.put("end_time", now.minus(curve.elapsed()).plus(curve.bucket()).toString());
    members.put("counts", curve.counts());
    return members;
  }
}
