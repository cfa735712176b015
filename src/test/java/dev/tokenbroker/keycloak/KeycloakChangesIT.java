package dev.tokenbroker.keycloak;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jwt.SignedJWT;
import dev.tokenbroker.edges.edge.BrokerProcess;
import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.operate.changes.ChangeSteps;
import dev.tokenbroker.operate.changes.ShownTimeline;
import dev.tokenbroker.operate.changes.ShownTimeline.ShownEvent;
import dev.tokenbroker.operate.changes.SteadyCalls;
import dev.tokenbroker.process.runtime.Unchecked;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Changes of a real Keycloak by its admin API, under steady calls of the broker as it is shipped:
 * the timeline names each, and joins to it the refusals that it causes, and no others.
 */
@Tag("keycloak")
@Tag("jar")
class KeycloakChangesIT {

  private static final String AUDIENCE = "https://token-broker.test";
  private static final String TYPE = "urn:ietf:params:oauth:token-type:access_token";
  private static final String CLAIM = "team_id";
  private static final Duration GOOD = Duration.ofSeconds(3);

  /** Longer than the cool-down between two fetches of keys. */
  private static final Duration COOLED_DOWN = Duration.ofSeconds(35);

  @AutoClose private static KeycloakServer server;
  @AutoClose private static KeycloakAdmin admin;

  @TempDir Path directory;
  @AutoClose private KeycloakRealm realm;
  private KeycloakSso sso;

  @BeforeAll
  static void startKeycloak() throws IOException {
    server = KeycloakServer.start();
    admin = new KeycloakAdmin(server);
  }

  @BeforeEach
  void makeRealms() throws IOException {
    String name = UUID.randomUUID().toString();
    realm = KeycloakRealm.create(server, "acme-" + name, AUDIENCE);
    realm.claim(CLAIM, "42", "String");
    sso = KeycloakSso.create(admin, "sso-" + name, new JWKSet());
    writeSecret(sso.secret());
  }

  @Test
  void names_changes_and_joins_only_the_refusals_that_they_cause() throws Exception {
    try (BrokerProcess broker = setup().start();
        BrokerClient client = BrokerClient.plaintext(broker.grpcPort());
        ShownTimeline timeline = new ShownTimeline(broker.port(), operator(client))) {
      ExchangeTokenRequest former = pay();
      List<Supplier<ExchangeTokenRequest>> workloads =
          new CopyOnWriteArrayList<>(List.of(this::pay, this::order, () -> former));
      try (SteadyCalls calls = new SteadyCalls(client, workloads)) {
        ChangeSteps steps = new ChangeSteps(timeline, calls);
        keys(calls, steps, keyId(former.getSubjectToken()));
        workloads.removeLast();
        steps.mended(GOOD);
        claims(steps);
        secret(timeline, calls, steps);
        assertThat(steps.falseJoins()).isEmpty();
      }
    }
  }

  private void keys(SteadyCalls calls, ChangeSteps steps, String former) throws Exception {
    calls.awaitTime(COOLED_DOWN);
    steps.step("key added", realm::addKey, "key-added", "kid .+");
    calls.awaitTime(COOLED_DOWN.multipliedBy(2));
    steps.allow("key-removed acme KEY_REFETCH_COOLING_DOWN");
    // Two keys leave at once: a call that is under way may carry a token of the other one.
    steps.allow("key-removed acme KEY_UNKNOWN");
    steps.step(
        "key rotated",
        realm::retireKeys,
        event ->
            event.kind().equals("key-removed") && event.was().startsWith("kid " + former + ","),
        "acme KEY_UNKNOWN");
    realm.deleteRetiredKeys();
  }

  private void claims(ChangeSteps steps) throws Exception {
    steps.step(
        "number for text",
        () -> realm.claim(CLAIM, "42", "int"),
        "claim-shape-changed",
        CLAIM + ".+number.*",
        "acme NO_RULE_MATCHED");
    realm.claim(CLAIM, "42", "String");
    steps.mended(GOOD);
    steps.step(
        "audience added",
        () -> realm.addAudience("https://other.test"),
        "claim-shape-changed",
        "aud.+list.*");
  }

  /** Keycloak changes the secret: nothing that the broker can see, until its file changes, too. */
  private void secret(ShownTimeline timeline, SteadyCalls calls, ChangeSteps steps)
      throws Exception {
    long before = timeline.events().getLast().id();
    String secret = sso.renewSecret();
    assertThat(
            timeline.shows(
                Duration.ofSeconds(30),
                _ ->
                    calls.ended().stream()
                            .filter(call -> call.reason().equals("UPSTREAM_CLIENT_REFUSED"))
                            .count()
                        > 20))
        .isTrue();
    assertThat(timeline.events()).noneMatch(event -> event.id() > before);
    steps.step("secret changed", () -> writeSecret(secret), "secret-reloaded", ".+");
    steps.mended(GOOD);
  }

  @Test
  void an_issuer_with_another_url_is_seen_by_the_next_probe() throws Exception {
    try (BrokerProcess broker = setup().with("token-broker.probes.every", "10s").start();
        BrokerClient client = BrokerClient.plaintext(broker.grpcPort());
        ShownTimeline timeline = new ShownTimeline(broker.port(), operator(client))) {
      realm.frontendUrl("https://sso.acme.example");

      assertThat(timeline.shows(Duration.ofSeconds(60), KeycloakChangesIT::namesTheIssuer))
          .as(() -> timeline.events().toString())
          .isTrue();
    }
  }

  private static boolean namesTheIssuer(ShownTimeline timeline) {
    return timeline
        .event(
            (ShownEvent event) ->
                event.kind().equals("discovery-changed")
                    && event.subject().equals("acme")
                    && event.is().startsWith("issuer=https://sso.acme.example/realms/"))
        .isPresent();
  }

  // --- the broker and its callers

  private BrokerProcess.Setup setup() throws IOException {
    return new BrokerProcess.Setup(
        Files.writeString(directory.resolve("federation.yaml"), document()));
  }

  private String document() {
    return """
    issuers:
      - {name: acme, issuer: '%1$s', audiences: ['%2$s']}
      - {name: sso, issuer: '%3$s', audiences: [%4$s]}
    upstreams:
      - {name: sso, issuer: '%3$s', clientId: %4$s, clientSecretFile: secret}
    targets:
      - {audience: pay, mint: {lifetime: 5m}}
      - {audience: %5$s, exchange: {upstream: sso, audience: %5$s, scopes: []}}
    rules:
      - {name: operators, issuer: acme, audience: token-broker, when: 'true', scopes: [operate]}
      - {name: pays, issuer: acme, audience: pay, when: 'claims.team_id == "42"', scopes: [read]}
      - {name: orders, issuer: sso, audience: %5$s, when: 'true'}
    """
        .formatted(realm.issuer(), AUDIENCE, sso.issuer(), KeycloakSso.BROKER, KeycloakSso.SERVICE);
  }

  private String operator(BrokerClient client) throws IOException {
    ExchangeTokenRequest request = request("token-broker", realm.clientCredentialsToken());
    return Eventually.see(() -> client.exchange(request), answer -> answer.token() != null)
        .granted()
        .getAccessToken();
  }

  private ExchangeTokenRequest pay() {
    return Unchecked.get(() -> request("pay", realm.clientCredentialsToken()));
  }

  private ExchangeTokenRequest order() {
    return Unchecked.get(() -> request(KeycloakSso.SERVICE, sso.workloadToken()));
  }

  private static ExchangeTokenRequest request(String audience, String credential) {
    return BrokerClient.exchangeOf(audience, credential).toBuilder()
        .setSubjectTokenType(TYPE)
        .build();
  }

  private static String keyId(String token) throws ParseException {
    return SignedJWT.parse(token).getHeader().getKeyID();
  }

  private void writeSecret(String secret) throws IOException {
    Files.writeString(directory.resolve("secret"), secret);
  }
}
