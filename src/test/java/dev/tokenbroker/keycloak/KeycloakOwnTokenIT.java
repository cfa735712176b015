package dev.tokenbroker.keycloak;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.crypto.factories.DefaultJWSVerifierFactory;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.SignedJWT;
import dev.tokenbroker.edges.edge.BrokerProcess;
import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.edges.grpc.BrokerClient.Answer;
import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.issue.sts.FakeUpstream;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.peers.http.FakeServer;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import io.grpc.Status.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The broker as it is shipped gets its own token from a real Keycloak. A peer checks it as actor
 * token, an issuer wants it for its keys, and Keycloak itself ignores it. Then Keycloak goes away.
 */
@Tag("keycloak")
class KeycloakOwnTokenIT {

  private static final String ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";
  private static final String ACTOR = "actor_token=";
  private static final int LIFE_SECONDS = 16;

  @TempDir Path directory;

  @AutoClose private final FakeIssuer ci = FakeIssuer.start();
  @AutoClose private final FakeServer guarded = FakeServer.start(this::documents);
  @AutoClose private final FakeUpstream peer = FakeUpstream.start(_ -> FakeUpstream.token());
  @AutoClose private KeycloakServer server;
  @AutoClose private KeycloakAdmin admin;
  private KeycloakSso sso;
  private RSAKey keycloakKey;

  @BeforeEach
  void startKeycloak() throws Exception {
    server = KeycloakServer.start();
    admin = new KeycloakAdmin(server);
    sso = KeycloakSso.create(admin, "sso", new JWKSet());
    sso.shortenOwnTokens(LIFE_SECONDS);
    keycloakKey =
        sso.keys().getKeys().stream()
            .filter(RSAKey.class::isInstance)
            .map(JWK::toRSAKey)
            .filter(key -> "RS256".equals(String.valueOf(key.getAlgorithm())))
            .findFirst()
            .orElseThrow();
    Files.writeString(directory.resolve("secret"), sso.secret());
  }

  @Test
  void gets_presents_renews_and_keeps_a_token_and_reports_its_lack() throws Exception {
    try (BrokerProcess broker = broker();
        BrokerClient client = broker.client()) {
      Answer atKeycloak = exchange(client, KeycloakSso.SERVICE, sso.userToken());
      assertThat(SignedJWT.parse(atKeycloak.granted().getAccessToken()).getJWTClaimsSet())
          .satisfies(claims -> assertThat(claims.getAudience()).contains(KeycloakSso.SERVICE))
          .satisfies(claims -> assertThat(claims.getClaim("act")).isNull());

      String credential = ci.credential();
      assertThat(exchange(client, "peer", credential).granted().getAccessToken())
          .isEqualTo("opaque");
      String first = actor();
      assertThat(peer.asked().getLast().parameters())
          .containsExactlyInAnyOrder(
              "grant_type=urn:ietf:params:oauth:grant-type:token-exchange",
              "subject_token=" + credential,
              "subject_token_type=" + ACCESS_TOKEN,
              "requested_token_type=" + ACCESS_TOKEN,
              ACTOR + first,
              "actor_token_type=" + ACCESS_TOKEN,
              "scope=read",
              "client_id=broker");
      assertThat(isBrokers(first)).isTrue();

      assertThat(exchange(client, "minted", guardedCredential()).token()).isNotNull();
      assertThat(guarded.requests())
          .hasSizeGreaterThanOrEqualTo(2)
          .allSatisfy(
              request ->
                  assertThat(isBrokers(request.headers().getOrDefault("authorization", "")))
                      .isTrue());

      String renewed = Eventually.see(() -> actorNow(client), actor -> !actor.equals(first));
      assertThat(renewed).isNotEqualTo(first);
      assertThat(isBrokers(renewed)).isTrue();

      server.close();

      Answer missed =
          Eventually.see(() -> answer(client, renewed), answer -> answer.token() == null);
      assertThat(missed.reason()).isEqualTo("OWN_TOKEN_UNREACHABLE");
      assertThat(missed.code()).isEqualTo(Code.UNAVAILABLE);
      String metrics = broker.metrics();
      assertThat(
              number(
                  metrics,
                  "tokenbroker_own_token_failures_total\\{client=\"idp\",reason=\"OWN_TOKEN_UNREACHABLE\",?\\}"))
          .isPositive();
      assertThat(
              number(
                  metrics,
                  "ft_timeout_calls_total\\{method=\"dev.tokenbroker.peers.oauth.TokenRequests.request\",timedOut=\"false\",?\\}"))
          .isPositive();
      assertThat(
              number(
                  metrics,
                  "ft_invocations_total\\{fallback=\"applied\",method=\"dev.tokenbroker.peers.oauth.TokenRequests.request\",result=\"valueReturned\",?\\}"))
          .isPositive();
      assertThat(broker.lines())
          .noneMatch(line -> line.contains(sso.secret()) || line.contains(renewed));
    }
  }

  /** An exchange while Keycloak is away: for as long as one succeeds, it has the last token. */
  private Answer answer(BrokerClient client, String last) {
    Answer answer = exchange(client, "peer", ci.credential());
    if (answer.token() != null) {
      assertThat(actor()).isEqualTo(last);
    }
    return answer;
  }

  private String actorNow(BrokerClient client) {
    assertThat(exchange(client, "peer", ci.credential()).token()).isNotNull();
    return actor();
  }

  /** The actor token of the last exchange at the peer. */
  private String actor() {
    return peer.asked().getLast().parameters().stream()
        .filter(parameter -> parameter.startsWith(ACTOR))
        .map(parameter -> parameter.substring(ACTOR.length()))
        .findFirst()
        .orElse("");
  }

  /** Whether Keycloak has signed that token for the broker's own client. */
  private boolean isBrokers(String token) {
    try {
      SignedJWT jwt = SignedJWT.parse(token.replaceFirst("^Bearer ", ""));
      return jwt.verify(
              new DefaultJWSVerifierFactory()
                  .createJWSVerifier(jwt.getHeader(), keycloakKey.toRSAPublicKey()))
          && KeycloakSso.BROKER.equals(jwt.getJWTClaimsSet().getClaim("azp"));
    } catch (Exception noToken) {
      return false;
    }
  }

  /** An issuer that serves nobody but the broker. */
  private Reply documents(FakeServer.Request request) {
    if (!isBrokers(request.headers().getOrDefault("authorization", ""))) {
      return Reply.of(401, Map.of("WWW-Authenticate", "Bearer"), "");
    }
    return request.target().equals("/keys")
        ? FakeUpstream.json(200, ci.jwks())
        : FakeUpstream.json(
            200, "{\"issuer\":\"%1$s\",\"jwks_uri\":\"%1$s/keys\"}".formatted(guarded.origin()));
  }

  private String guardedCredential() {
    return ci.credential(claims -> claims.put("iss", guarded.origin()));
  }

  private BrokerProcess broker() throws IOException {
    String document =
        """
        issuers:
          - {name: ci, issuer: '%1$s', audiences: ['%2$s']}
          - {name: guarded, issuer: '%3$s', audiences: ['%2$s'], authorization: {client: idp}}
          - {name: sso, issuer: '%4$s', audiences: [%5$s]}
        upstreams:
          - {name: peer, tokenEndpoint: '%6$s/token', clientAuthentication: none, clientId: broker, actor: {client: idp}}
          - {name: sso, issuer: '%4$s', clientId: %5$s, clientSecretFile: secret, actor: {client: idp}}
        targets:
          - {audience: minted, mint: {lifetime: 5m}}
          - {audience: peer, exchange: {upstream: peer}}
          - {audience: %7$s, exchange: {upstream: sso, audience: %7$s, scopes: []}}
        rules:
          - {name: minted, issuer: guarded, audience: minted, when: 'true', scopes: [read]}
          - {name: peer, issuer: ci, audience: peer, when: 'true', scopes: [read]}
          - {name: orders, issuer: sso, audience: %7$s, when: 'true'}
        """
            .formatted(
                ci.issuer(),
                FakeIssuer.AUDIENCE,
                guarded.origin(),
                sso.issuer(),
                KeycloakSso.BROKER,
                peer.origin(),
                KeycloakSso.SERVICE);
    String client = "quarkus.oidc-client.idp.";
    String secret = client + "credentials.client-secret.provider.";
    return new BrokerProcess.Setup(
            Files.writeString(directory.resolve("federation.yaml"), document))
        .with(client + "token-path", sso.issuer() + "/protocol/openid-connect/token")
        .with(client + "client-id", KeycloakSso.BROKER)
        .with(secret + "keyring-name", directory.resolve("secret").toString())
        .with(secret + "key", "secret")
        .start();
  }

  private static Answer exchange(BrokerClient client, String audience, String credential) {
    return client.exchange(
        BrokerClient.exchangeOf(audience, credential).toBuilder()
            .setSubjectTokenType(ACCESS_TOKEN)
            .build());
  }

  private static double number(String metrics, String meter) {
    Matcher line = Pattern.compile("(?m)^" + meter + " (\\S+)$").matcher(metrics);
    return line.find() ? Double.parseDouble(Objects.requireNonNull(line.group(1))) : -1;
  }
}
