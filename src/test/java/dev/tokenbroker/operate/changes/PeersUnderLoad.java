package dev.tokenbroker.operate.changes;

import dev.tokenbroker.base.change.Change.SubjectKind;
import dev.tokenbroker.edges.edge.BrokerProcess;
import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.operate.changes.SteadyCalls.EndedCall;
import dev.tokenbroker.peers.trust.TestTls;
import dev.tokenbroker.process.runtime.Unchecked;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * A broker in a process of its own, the peers of a table of changes, each an issuer and an upstream
 * of its own, and steady calls that need them. One more peer, {@value #STEADY}, has the refusals of
 * everyday life from the beginning to the end.
 */
final class PeersUnderLoad implements AutoCloseable {

  static final String STEADY = "steady";

  private static final String OPERATORS = "operators";
  private static final String MINTED = "pay";

  private final List<InjectedChange> table;
  private final Map<String, ChangingPeer> peers = new LinkedHashMap<>();
  private final Map<String, SteadyCalls> calls = new LinkedHashMap<>();
  private final Map<String, Instant> injected = new LinkedHashMap<>();
  private final BrokerProcess broker;
  private final BrokerClient client;
  private final ShownTimeline timeline;

  PeersUnderLoad(Path directory, List<InjectedChange> table, TestTls authority) throws IOException {
    this.table = table;
    table.forEach(row -> peers.put(row.name(), new ChangingPeer(authority)));
    peers.put(STEADY, new ChangingPeer(authority));
    peers.put(OPERATORS, new ChangingPeer(authority));
    Files.createDirectories(directory);
    for (InjectedChange row : table) {
      writeSecret(directory, row.name(), ChangingPeer.SECRET);
    }
    this.broker =
        new BrokerProcess.Setup(Files.writeString(directory.resolve("federation.yaml"), document()))
            .with("token-broker.upstream.allow-http-to-loopback", "false")
            .with(
                "quarkus.tls.corp.trust-store.pem.certs", authority.writeRoot(directory).toString())
            .start();
    this.client = BrokerClient.plaintext(broker.grpcPort());
    String operator =
        Eventually.see(
                () -> client.exchange(peer(OPERATORS).request("token-broker")),
                answer -> answer.token() != null)
            .granted()
            .getAccessToken();
    this.timeline = new ShownTimeline(broker.port(), operator);
    // One after another, so that a slow machine does not refuse the first calls of all.
    table.forEach(row -> workloads(row).forEach(next -> client.exchange(next.get())));
    table.forEach(row -> calls.put(row.name(), new SteadyCalls(client, workloads(row))));
    calls.put(STEADY, new SteadyCalls(client, refusedWorkloads(peer(STEADY))));
  }

  /** Writes the file with the broker's secret for the upstream of that name. */
  static void writeSecret(Path directory, String upstream, String secret) {
    Unchecked.run(() -> Files.writeString(directory.resolve(upstream + ".secret"), secret));
  }

  private String document() {
    List<String> upstreams =
        table.stream()
            .filter(row -> row.subjectKind() == SubjectKind.UPSTREAM)
            .map(InjectedChange::name)
            .toList();
    return """
    issuers:
    %s
    upstreams:
    %s
    targets:
      - {audience: %s, mint: {lifetime: 5m}}
    %s
    rules:
      - {name: operate, issuer: operators, audience: token-broker, when: 'true', scopes: [operate]}
    %s
    %s
    """
        .formatted(
            each(peers.keySet(), "- {name: %1$s, issuer: '%2$s', audiences: ['%3$s'], tls: corp}"),
            each(
                upstreams,
                "- {name: %1$s, issuer: '%2$s', clientId: %4$s, clientSecretFile: %1$s.secret,"
                    + " tls: corp}"),
            MINTED,
            each(upstreams, "- {audience: %1$s, exchange: {upstream: %1$s}}"),
            each(
                peers.keySet(),
                "- {name: %1$s, issuer: %1$s, audience: pay, scopes: [read],"
                    + " when: 'claims.sub == \"%5$s\" && claims.repository_id == \"42\"'}"),
            each(upstreams, "- {name: %1$s-exchange, issuer: %1$s, audience: %1$s, when: 'true'}"));
  }

  private String each(Collection<String> names, String entry) {
    return names.stream()
        .map(
            name ->
                "  "
                    + entry.formatted(
                        name,
                        peer(name).issuer(),
                        ChangingPeer.AUDIENCE,
                        ChangingPeer.CLIENT_ID,
                        ChangingPeer.SUBJECT))
        .collect(Collectors.joining("\n"));
  }

  private List<Supplier<ExchangeTokenRequest>> workloads(InjectedChange row) {
    ChangingPeer peer = peer(row.name());
    return row.subjectKind() == SubjectKind.UPSTREAM
        ? List.of(() -> peer.request(row.name()))
        : List.of(() -> peer.request(MINTED), () -> peer.formerRequest(MINTED));
  }

  private static List<Supplier<ExchangeTokenRequest>> refusedWorkloads(ChangingPeer peer) {
    return List.of(
        () -> peer.request(MINTED),
        () -> peer.request(MINTED, claims -> claims.put("exp", Instant.EPOCH.getEpochSecond())),
        () -> peer.request(MINTED, claims -> claims.put("aud", "https://other.example")),
        () -> peer.request(MINTED, claims -> claims.put("repository_id", "43")),
        () -> peer.forgedRequest(MINTED));
  }

  /** Waits until all calls have gone on for that time since the start. */
  void awaitTime(Duration time) throws InterruptedException {
    for (SteadyCalls each : calls.values()) {
      each.awaitTime(time);
    }
  }

  /** Makes all changes of the table, and lets the steady peer lose a key that nobody uses. */
  void inject() {
    for (InjectedChange row : table) {
      injected.put(row.name(), Instant.now());
      row.change().accept(peer(row.name()));
    }
    peer(STEADY).removeSpareKey();
  }

  private ChangingPeer peer(String name) {
    return Objects.requireNonNull(peers.get(name));
  }

  /** What the timeline has shown so far of a change that was made. */
  ObservedChange observed(InjectedChange row) {
    return ObservedChange.of(
        row,
        Objects.requireNonNull(injected.get(row.name())),
        Objects.requireNonNull(calls.get(row.name())),
        timeline);
  }

  /** How many calls that need that peer were refused so far, by reason. */
  Map<String, Long> refusals(String name) {
    return Objects.requireNonNull(calls.get(name)).ended().stream()
        .filter(EndedCall::isRefused)
        .collect(Collectors.groupingBy(EndedCall::reason, TreeMap::new, Collectors.counting()));
  }

  ShownTimeline timeline() {
    return timeline;
  }

  @Override
  public void close() {
    calls.values().forEach(SteadyCalls::close);
    timeline.close();
    client.close();
    broker.close();
    peers.values().forEach(ChangingPeer::close);
  }
}
