package dev.tokenbroker.operate.changes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.edge.BrokerProcess;
import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.issue.signing.TestKeyFiles;
import dev.tokenbroker.operate.changes.ShownTimeline.ShownEvent;
import dev.tokenbroker.peers.trust.TestTls;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Changes that operators make under steady calls, one after another: documents, revisions, secrets,
 * signing keys and CA bundles. The timeline of the broker as it is shipped names each, and joins to
 * it the refusals that it causes, and no others.
 */
@Tag("storm")
class OperatorChangesIT {

  /** For the rates before a change. */
  private static final Duration WARM_UP = Duration.ofSeconds(10);

  private static final Duration GOOD = Duration.ofSeconds(3);

  private final TestTls authority = TestTls.generate(Duration.ofDays(365));
  private final TestTls successor = TestTls.generate();
  @AutoClose private final ChangingPeer issuer = new ChangingPeer(authority);
  @AutoClose private final ChangingPeer sso = new ChangingPeer(authority);

  @TempDir Path directory;

  @BeforeEach
  void writeFiles() throws IOException {
    Files.createDirectories(directory.resolve("live"));
    write("live/federation.yaml", document());
    write("live/sso.secret", ChangingPeer.SECRET);
    write("roots.pem", authority.rootPem());
    write("signing.pem", TestKeyFiles.pem(TestKeyFiles.ec("secp256r1").getPrivate()));
  }

  @Test
  void names_files_that_change_and_joins_only_their_own_refusals() throws Exception {
    try (BrokerProcess broker = setup().start();
        BrokerClient client = BrokerClient.plaintext(broker.grpcPort());
        ShownTimeline timeline = new ShownTimeline(broker.port(), operator(client));
        SteadyCalls calls = new SteadyCalls(client, List.of(this::pay, this::pay, this::order))) {
      calls.awaitTime(WARM_UP);
      ChangeSteps steps = new ChangeSteps(timeline, calls);
      steps.allow("ca-bundle-reloaded sso UPSTREAM_CIRCUIT_OPEN");
      steps.allow("circuit-opened sso UPSTREAM_CIRCUIT_OPEN");
      steps.allow("nothing sso UPSTREAM_UNAVAILABLE");
      steps.allow("certificate-changed sso UPSTREAM_TLS_UNTRUSTED");

      revisions(steps);
      upstream(steps);
      bundle(steps);
      steps.step(
          "signing key replaced",
          () -> write("signing.pem", TestKeyFiles.pem(TestKeyFiles.ec("secp256r1").getPrivate())),
          "key-files-reloaded",
          "kids .+");
      steps.step(
          "signing key damaged", () -> write("signing.pem", "-"), "key-files-rejected", ".+");

      assertThat(steps.falseJoins()).isEmpty();
      assertThat(steps.named()).isEqualTo(6);
    }
  }

  private void revisions(ChangeSteps steps) throws Exception {
    revision(steps, "rule narrowed", "\"42\"", "\"43\"", "ci NO_RULE_MATCHED");
    revision(steps, "audience changed", ChangingPeer.AUDIENCE, "https://b", "ci AUDIENCE_MISMATCH");
    revision(
        steps,
        "issuer disabled",
        "tls: corp}\nup",
        "tls: corp, disabled: true}\nup",
        "ci ISSUER_DISABLED");
    steps.step(
        "document damaged",
        () -> write("live/federation.yaml", document().replace("rules:", "rulez:")),
        "federation-rejected",
        ".*rulez.*");
    write("live/federation.yaml", document());
  }

  /** Takes a changed document, and then the first one again. */
  private void revision(ChangeSteps steps, String name, String was, String is, String join)
      throws Exception {
    assertThat(document()).contains(was);
    steps.step(
        name,
        () -> write("live/federation.yaml", document().replace(was, is)),
        "federation-loaded",
        "revision .+",
        join);
    steps.step(
        name + ", mended",
        () -> write("live/federation.yaml", document()),
        "federation-loaded",
        "revision .+");
    steps.mended(GOOD);
  }

  private void upstream(ChangeSteps steps) throws Exception {
    steps.step(
        "secret replaced",
        () -> write("live/sso.secret", "another"),
        "secret-reloaded",
        ".+ has another content",
        "sso UPSTREAM_CLIENT_REFUSED");
    steps.step(
        "secret mended",
        () -> write("live/sso.secret", ChangingPeer.SECRET),
        "secret-reloaded",
        ".+ has another content");
    steps.mended(GOOD);
    steps.step(
        "upstream down",
        () -> sso.down(true),
        "circuit-opened",
        "open",
        "sso UPSTREAM_CIRCUIT_OPEN");
    steps.step("upstream up", () -> sso.down(false), "circuit-closed", "closed");
    steps.mended(GOOD);
  }

  private void bundle(ChangeSteps steps) throws Exception {
    steps.step(
        "root added",
        () -> write("roots.pem", authority.rootPem() + successor.rootPem()),
        "new-root-seen",
        "CN=Token Broker Test Root");
    steps.step(
        "root removed",
        () -> write("roots.pem", successor.rootPem()),
        "ca-bundle-reloaded",
        "trusted authorities: 1",
        "sso UPSTREAM_TLS_UNTRUSTED");
    steps.step(
        "root mended",
        () -> write("roots.pem", authority.rootPem()),
        "new-root-seen",
        "CN=Token Broker Lasting Root");
    steps.mended(GOOD);
  }

  @Test
  void names_a_promoted_candidate_and_remembers_it_after_a_restart() throws Exception {
    Files.createDirectories(directory.resolve("next"));
    write("next/federation.yaml", document());
    write("next/sso.secret", ChangingPeer.SECRET);
    BrokerProcess.Setup setup =
        setup()
            .with("token-broker.federation.candidate-path", path("next/federation.yaml"))
            .with("token-broker.changes.path", path("changes.jsonl"));
    List<Long> ids;
    try (BrokerProcess broker = setup.start();
        BrokerClient client = BrokerClient.plaintext(broker.grpcPort())) {
      String token = operator(client);
      List<Supplier<ExchangeTokenRequest>> workloads = new CopyOnWriteArrayList<>();
      workloads.add(() -> pay().toBuilder().addScopes("write").build());
      try (ShownTimeline timeline = new ShownTimeline(broker.port(), token);
          SteadyCalls calls = new SteadyCalls(client, workloads)) {
        calls.awaitTime(WARM_UP);
        ChangeSteps steps = new ChangeSteps(timeline, calls);
        rollOut(steps, workloads);
        assertThat(steps.falseJoins()).isEmpty();
        ids = timeline.events().stream().map(ShownEvent::id).toList();
      }
      broker.signal("TERM");
      assertThat(broker.awaitExit()).isZero();
    }
    try (BrokerProcess broker = setup.start();
        BrokerClient client = BrokerClient.plaintext(broker.grpcPort());
        ShownTimeline timeline = new ShownTimeline(broker.port(), operator(client))) {
      assertThat(timeline.shows(ObservedChange.SOON, seen -> !seen.events().isEmpty())).isTrue();
      List<ShownEvent> events = timeline.events();
      assertThat(events.stream().map(ShownEvent::id)).containsAll(ids);
      assertThat(events.stream().filter(event -> event.id() > ids.getLast()))
          .extracting(ShownEvent::kind)
          .startsWith("broker-stopping")
          .contains("broker-started");
    }
  }

  private void rollOut(ChangeSteps steps, List<Supplier<ExchangeTokenRequest>> workloads)
      throws Exception {
    String candidate =
        document()
            .replace("[read, write]", "[read]")
            .replace("targets:", "targets:\n  - {audience: reports, mint: {lifetime: 5m}}")
            .replace(
                "rules:",
                "rules:\n  - {name: reports, issuer: ci, audience: reports, when: 'true'}");
    steps.step(
        "candidate written",
        () -> write("next/federation.yaml", candidate),
        "candidate-loaded",
        "revision .+");
    steps.step(
        "candidate in the document's place",
        () -> write("live/federation.yaml", candidate),
        "federation-loaded",
        "revision .+",
        "ci SCOPE_NOT_GRANTED");
    workloads.clear();
    workloads.add(() -> issuer.request("reports"));
    workloads.add(() -> issuer.request("reports"));
    steps.mended(GOOD);
    steps.step(
        "document put back",
        () -> write("live/federation.yaml", document()),
        "federation-loaded",
        "revision .+",
        "ci TARGET_UNKNOWN");
    steps.step(
        "candidate damaged",
        () -> write("next/federation.yaml", "rules: ["),
        "candidate-rejected",
        ".+");
  }

  // --- the broker and its callers

  private BrokerProcess.Setup setup() {
    return new BrokerProcess.Setup(directory.resolve("live/federation.yaml"))
        .with("token-broker.upstream.allow-http-to-loopback", "false")
        .with("token-broker.token.key-files", path("signing.pem"))
        .with("quarkus.tls.corp.trust-store.pem.certs", path("roots.pem"))
        .with("quarkus.tls.corp.reload-period", "1s");
  }

  private String document() {
    return """
    issuers:
      - {name: ci, issuer: '%1$s', audiences: ['%2$s'], tls: corp}
    upstreams:
      - {name: sso, issuer: '%3$s', clientId: %4$s, clientSecretFile: sso.secret, tls: corp}
    targets:
      - {audience: pay, mint: {lifetime: 5m}}
      - {audience: orders, exchange: {upstream: sso}}
    rules:
      - {name: operators, issuer: ci, audience: token-broker, when: 'true', scopes: [operate]}
      - {name: pays, issuer: ci, audience: pay, when: 'claims.repository_id == "42"', scopes: [read, write]}
      - {name: orders, issuer: ci, audience: orders, when: 'true'}
    """
        .formatted(issuer.issuer(), ChangingPeer.AUDIENCE, sso.issuer(), ChangingPeer.CLIENT_ID);
  }

  private ExchangeTokenRequest pay() {
    return issuer.request("pay");
  }

  private ExchangeTokenRequest order() {
    return issuer.request("orders");
  }

  private String operator(BrokerClient client) {
    return Eventually.see(
            () -> client.exchange(issuer.request("token-broker")), answer -> answer.token() != null)
        .granted()
        .getAccessToken();
  }

  private String path(String name) {
    return directory.resolve(name).toString();
  }

  // Replaced at once, so that nobody reads half of it.
  private void write(String name, String content) throws IOException {
    Path fresh = Files.writeString(directory.resolve(name + ".new"), content);
    Files.move(fresh, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }
}
