package dev.tokenbroker.keycloak;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.crypto.factories.DefaultJWSVerifierFactory;
import com.nimbusds.jose.jwk.AsymmetricJWK;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult;
import dev.tokenbroker.evaluate.federation.document.ShippedFederations;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.issue.sts.ClientAuthentication;
import dev.tokenbroker.issue.sts.TestUpstreams;
import dev.tokenbroker.issue.sts.UpstreamDefinition;
import dev.tokenbroker.issue.sts.UpstreamGrant;
import dev.tokenbroker.issue.sts.Upstreams;
import dev.tokenbroker.judge.credential.PresentedCredential;
import dev.tokenbroker.judge.policy.ExchangeGrants;
import dev.tokenbroker.judge.target.Supply;
import dev.tokenbroker.peers.http.PeerClients;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Exchanges at a real Keycloak; what it hands out is verified against its own key set, and what it
 * refuses has its own reason. Each test has a realm of its own. Nothing of it takes the broker as
 * it is shipped, so that once is enough, whatever that is.
 */
@Tag("keycloak")
@Tag("in-process")
class KeycloakUpstreamIT {

  private static final String ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";
  private static final String JWT = "urn:ietf:params:oauth:token-type:jwt";
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final AtomicInteger REALMS = new AtomicInteger();

  @AutoClose private static KeycloakServer server;
  @AutoClose private static KeycloakAdmin admin;

  @TempDir Path directory;
  @AutoClose private final Vertx vertx = Vertx.vertx();
  private final Upstreams upstreams =
      TestUpstreams.of(
          PeerClients.loopback(vertx, PATIENCE),
          TestUpstreams.oneAttempt(PATIENCE),
          InstantSource.system());
  private ECKey key;
  private KeycloakSso sso;

  @BeforeAll
  static void startKeycloak() throws IOException {
    server = KeycloakServer.start();
    admin = new KeycloakAdmin(server);
  }

  @BeforeEach
  void makeRealm() throws Exception {
    key =
        new ECKeyGenerator(Curve.P_256)
            .keyUse(KeyUse.SIGNATURE)
            .keyIDFromThumbprint(true)
            .generate();
    sso =
        KeycloakSso.create(admin, "sso-" + REALMS.incrementAndGet(), new JWKSet(key.toPublicJWK()));
  }

  @Test
  void standard_token_exchange_gives_a_user_token_for_the_service() throws Exception {
    String credential = sso.userToken();

    IssuedToken token = accepted(exchange(credential));

    JWTClaimsSet claims = verified(token);
    assertThat(claims.getAudience()).contains(KeycloakSso.SERVICE);
    assertThat(claims.getStringClaim("azp")).isEqualTo(KeycloakSso.BROKER);
    assertThat(claims.getStringClaim("preferred_username")).isEqualTo(KeycloakSso.USER);
    assertThat(claims.getSubject())
        .isEqualTo(SignedJWT.parse(credential).getJWTClaimsSet().getSubject());
    assertThat(token.issuedTokenType()).isEqualTo(ACCESS_TOKEN);
    assertThat(token.expireTime())
        .isBeforeOrEqualTo(claims.getExpirationTime().toInstant())
        .isAfter(Instant.now());
  }

  @Test
  void an_exchanged_token_ends_with_its_credential() throws Exception {
    String credential = sso.userToken();
    Instant end = SignedJWT.parse(credential).getJWTClaimsSet().getExpirationTime().toInstant();

    IssuedToken token =
        accepted(
            ask(
                byTokenExchange(),
                toService(),
                new PresentedCredential(ACCESS_TOKEN, credential),
                end));

    assertThat(token.expireTime()).isBeforeOrEqualTo(end);
  }

  @Test
  void a_credential_that_is_called_a_jwt_is_a_request_refused() throws Exception {
    PresentedCredential credential = new PresentedCredential(JWT, sso.userToken());

    Refusal refusal = refused(ask(byTokenExchange(), toService(), credential, null));

    assertThat(refusal.reason()).isEqualTo(RefusalReason.UPSTREAM_REQUEST_REFUSED);
    assertThat(refusal.seen()).contains("error invalid_request");
  }

  @Test
  void compose_setup_exchanges_a_credential_without_a_named_type() throws Exception {
    Federation shipped = ((LoadResult.Loaded) ShippedFederations.ofCompose(directory)).federation();
    UpstreamDefinition declared =
        Objects.requireNonNull(shipped.upstreams().get("acme-sso")).definition();
    admin.call(
        "POST",
        "/admin/realms",
        JSONObjectUtils.parse(
            Files.readString(Path.of("docker/keycloak/acme-realm.json"))
                .replace("${ACME_SSO_SECRET}", ShippedFederations.SECRET)));
    UpstreamDefinition upstream =
        new UpstreamDefinition(
            declared.name(), admin.issuer("acme"), null, Set.of(), declared.kind(), null);
    String ofAlice =
        admin.token(
            "acme",
            Map.of(
                "grant_type", "password",
                "client_id", "shop",
                "client_secret", "shop",
                "username", "alice",
                "password", "alice"));

    IssuedToken token =
        accepted(ask(upstream, orders(shipped), new PresentedCredential(JWT, ofAlice), null));

    JWTClaimsSet claims = SignedJWT.parse(token.value()).getJWTClaimsSet();
    assertThat(claims.getAudience()).contains("orders");
    assertThat(claims.getStringClaim("preferred_username")).isEqualTo("alice");
  }

  @Test
  void a_disabled_client_is_told_from_all_else() throws Exception {
    String credential = sso.userToken();
    sso.disableClient(KeycloakSso.BROKER);

    assertThat(refused(exchange(credential)).reason())
        .isEqualTo(RefusalReason.UPSTREAM_CLIENT_REFUSED);
  }

  @Test
  void so_is_a_wrong_secret() throws Exception {
    ClientAuthentication wrong =
        new ClientAuthentication.Basic(KeycloakSso.BROKER, secret("not the secret"));

    assertThat(
            refused(ask(at(UpstreamGrant.TOKEN_EXCHANGE, wrong), toService(), sso.userToken()))
                .reason())
        .isEqualTo(RefusalReason.UPSTREAM_CLIENT_REFUSED);
  }

  @Test
  void hints_at_a_disabled_audience_if_upstream_calls_it_a_client() throws Exception {
    String credential = sso.userToken();
    sso.disableClient(KeycloakSso.SERVICE);

    Refusal refusal = refused(exchange(credential));

    assertThat(refusal.reason()).isEqualTo(RefusalReason.UPSTREAM_CLIENT_REFUSED);
    assertThat(refusal.hints()).anyMatch(hint -> hint.contains("audience"));
  }

  @Test
  void a_client_outside_the_token_audience_may_not_exchange_it() throws Exception {
    sso.takeBrokerOutOfAudience();

    assertThat(refused(exchange(sso.userToken())).reason())
        .isEqualTo(RefusalReason.UPSTREAM_NOT_PERMITTED);
  }

  @Test
  void an_exchange_that_is_switched_off_is_a_request_refused() throws Exception {
    String credential = sso.userToken();
    sso.forbidExchange();

    Refusal refusal = refused(exchange(credential));

    assertThat(refusal.reason()).isEqualTo(RefusalReason.UPSTREAM_REQUEST_REFUSED);
    assertThat(refusal.seen()).contains("error invalid_request");
  }

  @Test
  void a_disabled_user_is_hinted_at_where_the_upstream_says_no_more() throws Exception {
    String credential = sso.userToken();
    sso.disableUser();

    Refusal refusal = refused(exchange(credential));

    assertThat(refusal.reason()).isEqualTo(RefusalReason.UPSTREAM_REQUEST_REFUSED);
    assertThat(refusal.hints()).anyMatch(hint -> hint.contains("subject token"));
  }

  @Test
  void the_jwt_grant_lets_in_whom_another_realm_vouches_for() throws Exception {
    try (KeycloakRealm acme = foreignRealm()) {
      IssuedToken token = accepted(assertion(acme.clientCredentialsToken()));

      JWTClaimsSet claims = verified(token);
      assertThat(claims.getStringClaim("azp")).isEqualTo(KeycloakSso.BROKER);
      assertThat(claims.getStringClaim("preferred_username")).isEqualTo("payments-job");
      assertThat(claims.getAudience()).contains(KeycloakSso.SERVICE);
    }
  }

  @Test
  void the_jwt_grant_takes_a_credential_once() throws Exception {
    try (KeycloakRealm acme = foreignRealm()) {
      String credential = acme.clientCredentialsToken();
      accepted(assertion(credential));

      assertThat(refused(assertion(credential)).reason())
          .isEqualTo(RefusalReason.UPSTREAM_CREDENTIAL_REFUSED);
    }
  }

  @Test
  void the_jwt_grant_refuses_a_disabled_user_by_name() throws Exception {
    try (KeycloakRealm acme = foreignRealm()) {
      sso.disableForeignUser();

      assertThat(refused(assertion(acme.clientCredentialsToken())).reason())
          .isEqualTo(RefusalReason.UPSTREAM_CREDENTIAL_REFUSED);
    }
  }

  @Test
  void client_credentials_by_secret_give_the_brokers_own_token() throws Exception {
    for (ClientAuthentication own :
        List.of(
            new ClientAuthentication.Basic(KeycloakSso.BROKER, secret(sso.secret())),
            new ClientAuthentication.Post(KeycloakSso.BROKER, secret(sso.secret())))) {
      IssuedToken token =
          accepted(ask(at(UpstreamGrant.CLIENT_CREDENTIALS, own), ExchangeGrants.plain(), "x"));

      assertThat(verified(token).getStringClaim("azp")).isEqualTo(KeycloakSso.BROKER);
      assertThat(token.scopes()).isNotEmpty();
    }
  }

  @Test
  void client_credentials_by_private_key_give_the_brokers_own_token() throws Exception {
    UpstreamDefinition byKey = at(UpstreamGrant.CLIENT_CREDENTIALS, privateKey());

    // Twice: each assertion is good for one use.
    for (int exchange = 0; exchange < 2; exchange++) {
      IssuedToken token = accepted(ask(byKey, ExchangeGrants.plain(), "x"));
      assertThat(verified(token).getStringClaim("azp")).isEqualTo(KeycloakSso.BROKER_BY_KEY);
    }
  }

  @Test
  void an_assertion_for_a_declared_token_endpoint_is_accepted_too() throws Exception {
    UpstreamDefinition declared =
        new UpstreamDefinition(
            "sso",
            null,
            URI.create(sso.issuer() + "/protocol/openid-connect/token"),
            Set.of(),
            TestUpstreams.sts(UpstreamGrant.CLIENT_CREDENTIALS, privateKey()),
            null);

    verified(accepted(ask(declared, ExchangeGrants.plain(), "x")));
  }

  @Test
  void a_disabled_client_with_a_key_is_refused_as_client() throws Exception {
    sso.disableClient(KeycloakSso.BROKER_BY_KEY);

    assertThat(
            refused(
                    ask(
                        at(UpstreamGrant.CLIENT_CREDENTIALS, privateKey()),
                        ExchangeGrants.plain(),
                        "x"))
                .reason())
        .isEqualTo(RefusalReason.UPSTREAM_CLIENT_REFUSED);
  }

  private KeycloakRealm foreignRealm() throws Exception {
    KeycloakRealm acme = KeycloakRealm.create(server, "acme-" + REALMS.get(), sso.issuer());
    String subject = SignedJWT.parse(acme.clientCredentialsToken()).getJWTClaimsSet().getSubject();
    sso.trust(acme.issuer(), acme.issuer() + "/protocol/openid-connect/certs", subject);
    return acme;
  }

  private Outcome<IssuedToken> exchange(String credential) throws IOException {
    return ask(byTokenExchange(), toService(), credential);
  }

  private Outcome<IssuedToken> assertion(String credential) throws IOException {
    return ask(at(UpstreamGrant.JWT_BEARER, bySecret()), ExchangeGrants.plain(), credential);
  }

  private UpstreamDefinition byTokenExchange() throws IOException {
    return at(UpstreamGrant.TOKEN_EXCHANGE, bySecret());
  }

  private ClientAuthentication bySecret() throws IOException {
    return new ClientAuthentication.Basic(KeycloakSso.BROKER, secret(sso.secret()));
  }

  private ClientAuthentication privateKey() throws Exception {
    String pem =
        "-----BEGIN PRIVATE KEY-----\n"
            + Base64.getMimeEncoder().encodeToString(key.toPrivateKey().getEncoded())
            + "\n-----END PRIVATE KEY-----\n";
    Path file = Files.writeString(directory.resolve("key.pem"), pem);
    return new ClientAuthentication.PrivateKeyJwt(KeycloakSso.BROKER_BY_KEY, file, null);
  }

  private UpstreamDefinition at(UpstreamGrant grant, ClientAuthentication authentication) {
    return new UpstreamDefinition(
        "sso", sso.issuer(), null, Set.of(), TestUpstreams.sts(grant, authentication), null);
  }

  private static Supply.Exchange toService() {
    return ExchangeGrants.exchange("sso", KeycloakSso.SERVICE, List.of(), null, Map.of());
  }

  private static Supply.Exchange orders(Federation shipped) {
    return shipped.policy().targets().stream()
        .filter(target -> target.audience().equals("orders"))
        .map(target -> (Supply.Exchange) target.supply())
        .findAny()
        .orElseThrow();
  }

  private Outcome<IssuedToken> ask(
      UpstreamDefinition definition, Supply.Exchange exchange, String credential) {
    return ask(definition, exchange, new PresentedCredential(ACCESS_TOKEN, credential), null);
  }

  private Outcome<IssuedToken> ask(
      UpstreamDefinition definition,
      Supply.Exchange exchange,
      PresentedCredential credential,
      @Nullable Instant notAfter) {
    return upstreams
        .of(definition)
        .exchange(
            credential.value().hashCode(),
            ExchangeGrants.of(exchange, List.of(), null, notAfter),
            credential,
            Instant.now(),
            Deadline.after(PATIENCE),
            new Trail());
  }

  private JWTClaimsSet verified(IssuedToken token) throws Exception {
    SignedJWT jwt = SignedJWT.parse(token.value());
    JWK signer = sso.keys().getKeyByKeyId(jwt.getHeader().getKeyID());
    assertThat(signer).as("the key that the token names, in Keycloak's JWK set").isNotNull();
    assertThat(
            jwt.verify(
                new DefaultJWSVerifierFactory()
                    .createJWSVerifier(jwt.getHeader(), ((AsymmetricJWK) signer).toPublicKey())))
        .isTrue();
    return jwt.getJWTClaimsSet();
  }

  private Path secret(String text) throws IOException {
    return Files.writeString(directory.resolve("secret"), text);
  }

  private static IssuedToken accepted(Outcome<IssuedToken> outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Accepted.class);
    return ((Outcome.Accepted<IssuedToken>) outcome).value();
  }

  private static Refusal refused(Outcome<IssuedToken> outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Refused.class);
    return ((Outcome.Refused<IssuedToken>) outcome).refusal();
  }
}
