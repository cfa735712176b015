package dev.tokenbroker.operate.changes;

import static dev.tokenbroker.operate.changes.InjectedChange.ofIssuer;
import static dev.tokenbroker.operate.changes.InjectedChange.ofUpstream;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.peers.trust.TestTls;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Changes of issuers and upstreams under steady calls, each at a peer of its own: the timeline of
 * the broker as it is shipped, at its default settings, names each of them, and joins to it the
 * refusals that it causes, and no others. A second broker, whose peers change nothing, has the same
 * calls in the same time.
 */
@Tag("storm")
class IdentityChangesIT {

  /** Longer than the cool-down between two fetches of keys. */
  private static final Duration WARM_UP = Duration.ofSeconds(40);

  /** Longer than {@link ObservedChange#SOON}. */
  private static final Duration AFTER = Duration.ofSeconds(75);

  /** GitHub's form since July 2026. */
  private static final String IMMUTABLE_SUBJECT =
      "repo:acme@1234/payments@5678:ref:refs/heads/main";

  private static final Duration QUARTER = Duration.ofDays(90);
  private static final String COOLING_DOWN = "KEY_REFETCH_COOLING_DOWN";
  private static final String CIRCUIT_OPEN = "UPSTREAM_CIRCUIT_OPEN";
  private static final String ALGORITHMS = "id_token_signing_alg_values_supported";

  private final TestTls authority = TestTls.generate(Duration.ofDays(365));
  private final TestTls stranger = TestTls.generate();

  @TempDir Path directory;

  private List<InjectedChange> table() {
    return List.of(
        // Keys
        ofIssuer("key-added", ChangingPeer::addKey).seenAs("key-added", "", "kid key-3, key .+"),
        ofIssuer("key-removed", ChangingPeer::rotateKey)
            .seenAs("key-removed", "kid key-1, key .+", "")
            .causing("KEY_UNKNOWN")
            .orAlso("key-removed", COOLING_DOWN),
        ofIssuer("key-replaced", ChangingPeer::replaceKey)
            .seenAs("key-replaced", "kid key-1, key .+", "kid key-1, key .+")
            .causing("SIGNATURE_INVALID"),
        ofIssuer("key-set-replaced", ChangingPeer::replaceKeySet)
            .seenAs("key-removed", "kid key-2, key .+", "")
            .causing("KEY_UNKNOWN")
            .orAlso("key-removed", COOLING_DOWN),
        // Metadata
        ofIssuer("keys-moved", peer -> moveKeys(peer))
            .seenAs("key-location-moved", ".+/jwks.json", ".+/moved.json")
            .causing(COOLING_DOWN)
            .orAlso("key-removed", COOLING_DOWN)
            .orAlso("key-removed", "KEY_UNKNOWN")
            .orAlso("key-location-moved", "KEY_UNKNOWN"),
        ofIssuer("algorithms-changed", this::changeAlgorithms)
            .seenAs(
                "discovery-changed", ALGORITHMS + "=\\[ES256]", ALGORITHMS + "=\\[ES256, ES384]")
            .causing(COOLING_DOWN)
            .orAlso("key-location-moved", COOLING_DOWN)
            .orAlso("key-location-moved", "KEY_UNKNOWN")
            .orAlso("discovery-changed", "KEY_UNKNOWN")
            .orAlso("key-removed", COOLING_DOWN)
            .orAlso("key-removed", "KEY_UNKNOWN"),
        ofIssuer("issuer-renamed", this::rename)
            .seenAs("discovery-changed", "issuer=https://localhost:.+", "issuer=https://other.+")
            .causing(COOLING_DOWN),
        ofUpstream("endpoint-moved", peer -> peer.moveTokenEndpoint("/oauth/token"))
            .seenAs("endpoint-moved", ".+/token", ".+/oauth/token")
            .orAlso("endpoint-moved", "UPSTREAM_ANSWER_MALFORMED")
            .orAlso("endpoint-moved", CIRCUIT_OPEN)
            .orAlso("circuit-opened", CIRCUIT_OPEN),
        // Clocks
        ofIssuer("clock-ahead", peer -> stepClock(peer, Duration.ofMinutes(10)))
            .seenAs(
                "clock-stepped", "-?[01] s ahead of the broker", "(599|600) s ahead of the broker")
            .causing("CREDENTIAL_NOT_YET_VALID"),
        ofIssuer("clock-behind", peer -> stepClock(peer, Duration.ofMinutes(-10)))
            .seenAs(
                "clock-stepped", "-?[01] s ahead of the broker", "-60[01] s ahead of the broker")
            .causing("CREDENTIAL_EXPIRED"),
        // Certificates
        ofUpstream("certificate-renewed", peer -> peer.certify(authority, QUARTER))
            .seenAs("certificate-changed", certificate("Lasting"), certificate("Lasting")),
        ofUpstream("root-changed", peer -> peer.certify(stranger, QUARTER))
            .seenAs("certificate-changed", certificate("Lasting"), certificate("Test"))
            .causing("UPSTREAM_TLS_UNTRUSTED")
            .orAlso("certificate-changed", CIRCUIT_OPEN)
            .orAlso("circuit-opened", CIRCUIT_OPEN),
        ofUpstream("certificate-expired", peer -> peer.certify(authority, Duration.ofHours(-1)))
            .seenAs("certificate-changed", certificate("Lasting"), certificate("Lasting"))
            .causing("UPSTREAM_CERTIFICATE_INVALID")
            .orAlso("certificate-expiring", "UPSTREAM_CERTIFICATE_INVALID")
            .orAlso("certificate-changed", CIRCUIT_OPEN)
            .orAlso("certificate-expiring", CIRCUIT_OPEN)
            .orAlso("circuit-opened", CIRCUIT_OPEN),
        ofUpstream("five-days-left", peer -> peer.certify(authority, Duration.ofDays(5)))
            .seenAs("certificate-expiring", "", "expires in 4 days: .+"),
        ofUpstream("twenty-hours-left", peer -> peer.certify(authority, Duration.ofHours(20)))
            .seenAs("certificate-expiring", "", "expires in 19 hours: .+"),
        ofIssuer("issuer-root-changed", this::changeRoot)
            .seenAs("certificate-changed", certificate("Lasting"), certificate("Test"))
            .causing(COOLING_DOWN),
        // Claims
        ofIssuer("github-subject", peer -> peer.claim("sub", IMMUTABLE_SUBJECT))
            .seenAs(
                "claim-shape-changed",
                "sub: <name>:<name>:.+",
                "sub: <name>:<name>@<digits>:.+ by rule github-subject\\)")
            .causing("NO_RULE_MATCHED"),
        ofIssuer("number-for-text", peer -> peer.claim("repository_id", 42))
            .seenAs("claim-shape-changed", "repository_id: .+", "repository_id: number .+")
            .causing("NO_RULE_MATCHED"),
        ofIssuer("claim-removed", peer -> peer.removeClaim("repository_id"))
            .seenAs("claim-shape-changed", "repository_id: .+", "repository_id: missing .+")
            .causing("NO_RULE_MATCHED"),
        ofIssuer("audience-list", peer -> peer.claim("aud", List.of("https://other.example")))
            .seenAs("claim-shape-changed", "aud: .+", "aud: list of texts .+")
            .causing("AUDIENCE_MISMATCH"),
        // What the broker knows of an upstream
        ofUpstream("upstream-down", peer -> peer.down(true))
            .seenAs("circuit-opened", "closed", "open")
            .causing(CIRCUIT_OPEN)
            .refusing("UPSTREAM_UNAVAILABLE"),
        ofUpstream("secret-changed", _ -> writeSecret("secret-changed", "another"))
            .seenAs("secret-reloaded", "", ".+/secret-changed.secret has another content")
            .causing("UPSTREAM_CLIENT_REFUSED"),
        ofUpstream("secret-emptied", _ -> writeSecret("secret-emptied", ""))
            .seenAs("secret-rejected", "", ".+/secret-emptied.secret holds .+"));
  }

  /** The key is new, so that the broker looks. */
  private void changeRoot(ChangingPeer peer) {
    peer.certify(stranger, QUARTER);
    peer.addKey();
  }

  private static String certificate(String root) {
    return "CN=localhost issued by CN=Token Broker %1$s Root, until .+, root CN=Token Broker %1$s Root, .+"
        .formatted(root);
  }

  private static void moveKeys(ChangingPeer peer) {
    peer.moveKeys("/moved.json");
    peer.rotateKey();
  }

  private void changeAlgorithms(ChangingPeer peer) {
    peer.metadata(ALGORITHMS, List.of("ES256", "ES384"));
    moveKeys(peer);
  }

  private void rename(ChangingPeer peer) {
    peer.metadata("issuer", "https://other.example");
    moveKeys(peer);
  }

  /** A machine whose clock is wrong has made a key, as after a failover. */
  private static void stepClock(ChangingPeer peer, Duration ahead) {
    peer.setClockAhead(ahead);
    peer.addKey();
  }

  private void writeSecret(String upstream, String secret) {
    PeersUnderLoad.writeSecret(directory.resolve("changed"), upstream, secret);
  }

  @Test
  void names_each_change_in_a_minute_and_joins_only_its_refusals() throws Exception {
    List<InjectedChange> table = table();
    try (PeersUnderLoad changed = load("changed", table);
        PeersUnderLoad unchanged = load("unchanged", table)) {
      changed.awaitTime(WARM_UP);
      unchanged.awaitTime(WARM_UP);
      Instant begin = Instant.now();
      changed.inject();
      changed.awaitTime(WARM_UP.plus(AFTER));
      List<ObservedChange> observed = table.stream().map(row -> changed.observed(row)).toList();
      print(observed, unchanged);

      assertThat(observed.stream().flatMap(change -> change.faults().stream())).isEmpty();
      assertThat(ObservedChange.falseJoins(table, changed.timeline().joinsOfEventsAfter(begin)))
          .isEmpty();
      assertThat(changed.timeline().events())
          .as("the unused key of the steady peer")
          .anyMatch(
              event ->
                  event.kind().equals("key-removed")
                      && event.subject().equals(PeersUnderLoad.STEADY));
      assertThat(observed.stream().filter(ObservedChange::isJoinedInTime)).hasSizeGreaterThan(11);

      unchanged.awaitTime(WARM_UP.plus(AFTER));
      assertThat(unchanged.timeline().joinsOfEventsAfter(begin)).isEmpty();
      assertThat(unchanged.timeline().events())
          .filteredOn(event -> event.shown().isAfter(begin))
          .isEmpty();
      assertThat(unchanged.refusals(PeersUnderLoad.STEADY))
          .containsKeys(
              "CREDENTIAL_EXPIRED", "AUDIENCE_MISMATCH", "NO_RULE_MATCHED", "KEY_UNKNOWN");
    }
  }

  private PeersUnderLoad load(String name, List<InjectedChange> table) throws Exception {
    return new PeersUnderLoad(directory.resolve(name), table, authority);
  }

  private static void print(List<ObservedChange> observed, PeersUnderLoad unchanged) {
    observed.forEach(change -> System.out.println(change.text()));
    System.out.printf(
        "%d of %d changes joined to refusals within %d s; without changes: %d events, %d joins,"
            + " refusals %s%n",
        observed.stream().filter(ObservedChange::isJoinedInTime).count(),
        observed.size(),
        ObservedChange.SOON.toSeconds(),
        unchanged.timeline().events().size(),
        unchanged.timeline().joins().size(),
        unchanged.refusals(PeersUnderLoad.STEADY));
  }
}
