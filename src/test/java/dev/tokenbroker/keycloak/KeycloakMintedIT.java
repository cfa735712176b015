package dev.tokenbroker.keycloak;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.tokenbroker.edges.edge.BrokerProcess;
import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real Keycloak that trusts the broker as an identity provider, and no issuer of workloads: the
 * broker as it is shipped vouches for workloads by JWTs of its own, which Keycloak verifies by the
 * published key set.
 */
@Tag("keycloak")
class KeycloakMintedIT {

  private static final String BROKER_ISSUER = "https://broker.example";
  private static final String SUBJECT = "repo:acme/payments";
  private static final String CLIENT_SUBJECT = "workload:acme/payments";

  @AutoClose private static KeycloakServer server;
  @AutoClose private static KeycloakAdmin admin;

  @TempDir Path directory;
  @AutoClose private final FakeIssuer issuer = FakeIssuer.start();
  private KeycloakSso sso;
  @AutoClose private BrokerProcess broker;
  @AutoClose private BrokerClient client;

  @BeforeAll
  static void startKeycloak() throws IOException {
    server = KeycloakServer.start();
    admin = new KeycloakAdmin(server);
  }

  @BeforeEach
  void start() throws IOException {
    sso = KeycloakSso.create(admin, "sso-" + UUID.randomUUID(), new JWKSet());
    Files.writeString(directory.resolve("sso-secret"), sso.secret());
    Path federation = Files.writeString(directory.resolve("federation.yaml"), document());
    broker =
        new BrokerProcess.Setup(federation)
            .with("token-broker.token.issuer", BROKER_ISSUER)
            .start();
    client = broker.client();
  }

  @Test
  void keycloak_lets_in_whom_the_broker_vouches_for() throws Exception {
    trustUsers();

    JWTClaimsSet claims = verified(granted("orders", "first"));

    assertThat(claims.getIssuer()).isEqualTo(sso.issuer());
    assertThat(claims.getStringClaim("azp")).isEqualTo(KeycloakSso.BROKER);
    assertThat(claims.getStringClaim("preferred_username")).isEqualTo("payments-job");
    assertThat(claims.getAudience()).contains(KeycloakSso.SERVICE);
    assertThat(broker.awaitLine(line -> line.contains("presented the JWT with jti")))
        .contains("\"outcome\":\"accepted\"", "The sub of that JWT is " + SUBJECT);
  }

  /** Keycloak takes each JWT once, and every exchange presents another. */
  @Test
  void the_same_workload_comes_back_with_each_of_its_credentials() throws Exception {
    trustUsers();

    for (int run = 0; run < 3; run++) {
      verified(granted("orders", "run-" + run));
    }
  }

  @Test
  void reports_an_unknown_subject_as_the_assertion_of_the_broker() throws IOException {
    trustUsers();

    assertThat(refused("strangers")).isEqualTo("UPSTREAM_ASSERTION_REFUSED");
    assertThat(broker.awaitLine(line -> line.contains("\"reason\":\"UPSTREAM_ASSERTION_REFUSED\"")))
        .contains("The sub of that JWT is nobody", "iss " + BROKER_ISSUER, "signed by kid");
  }

  @Test
  void so_are_a_disabled_user_and_an_audience_that_is_not_keycloaks() throws IOException {
    trustUsers();
    assertThat(refused("misdirected")).isEqualTo("UPSTREAM_ASSERTION_REFUSED");

    sso.disableForeignUser();

    assertThat(refused("orders")).isEqualTo("UPSTREAM_ASSERTION_REFUSED");
  }

  @Test
  void keycloak_takes_the_broker_for_a_client_that_it_vouches_for() throws Exception {
    sso.trustClient(BROKER_ISSUER, keys(), "payments-client", CLIENT_SUBJECT);

    JWTClaimsSet claims = verified(granted("client", "client"));

    assertThat(claims.getStringClaim("azp")).isEqualTo("payments-client");
  }

  @Test
  void reports_an_unknown_client_as_the_assertion_of_the_broker() throws IOException {
    sso.trustClient(BROKER_ISSUER, keys(), "payments-client", "workload:acme/other");

    assertThat(refused("client")).isEqualTo("UPSTREAM_ASSERTION_REFUSED");
  }

  private void trustUsers() throws IOException {
    sso.trust(BROKER_ISSUER, keys(), SUBJECT);
  }

  private String keys() {
    return broker.uri("/.well-known/jwks.json").toString();
  }

  private String granted(String audience, String run) {
    return client.accessToken(request(audience, run));
  }

  private String refused(String audience) {
    return client.exchange(request(audience, UUID.randomUUID().toString())).reason();
  }

  private ExchangeTokenRequest request(String audience, String run) {
    return BrokerClient.exchangeOf(
        audience, issuer.credential(claims -> claims.put("run_id", run)));
  }

  private JWTClaimsSet verified(String token) throws Exception {
    SignedJWT jwt = SignedJWT.parse(token);
    JWK key = sso.keys().getKeyByKeyId(jwt.getHeader().getKeyID());
    assertThat(jwt.verify(new RSASSAVerifier(key.toRSAKey()))).isTrue();
    return jwt.getJWTClaimsSet();
  }

  private String document() {
    return """
        issuers:
          - {name: ci, issuer: '%1$s', audiences: ['%2$s']}
        upstreams:
          - name: sso
            issuer: %3$s
            grant: jwt-bearer
            clientId: %4$s
            clientSecretFile: sso-secret
            present: minted
          - name: sso-client
            issuer: %3$s
            grant: client-credentials
            clientAuthentication: federated
            present: minted
        targets:
          - audience: orders
            exchange: {upstream: sso, scopes: []}
          - audience: strangers
            exchange: {upstream: sso, scopes: []}
          - audience: misdirected
            exchange: {upstream: sso, scopes: [], presentAudience: urn:elsewhere}
          - audience: client
            exchange: {upstream: sso-client, scopes: []}
        rules:
          - {name: orders, issuer: ci, audience: orders, when: true, subject: '"repo:" + claims.repository'}
          - {name: strangers, issuer: ci, audience: strangers, when: true, subject: '"nobody"'}
          - {name: misdirected, issuer: ci, audience: misdirected, when: true, subject: '"repo:" + claims.repository'}
          - {name: client, issuer: ci, audience: client, when: true, subject: '"workload:" + claims.repository'}
        """
        .formatted(issuer.issuer(), FakeIssuer.AUDIENCE, sso.issuer(), KeycloakSso.BROKER);
  }
}
