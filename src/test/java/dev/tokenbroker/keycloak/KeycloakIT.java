package dev.tokenbroker.keycloak;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.crypto.factories.DefaultJWSVerifierFactory;
import com.nimbusds.jose.jwk.AsymmetricJWK;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.tokenbroker.edges.edge.Artifact;
import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.v1.ExchangeTokenResponse;
import dev.tokenbroker.v1.TokenBrokerGrpc;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusIntegrationTest;
import java.net.URI;
import java.security.PublicKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A token of a real Keycloak, exchanged over a real gRPC channel by the broker as it is shipped;
 * the minted token is verified by a JOSE library that knows nothing of the broker but its JWK set.
 */
@QuarkusIntegrationTest
@QuarkusTestResource(value = KeycloakFederation.class, restrictToAnnotatedClass = true)
@Tag("keycloak")
class KeycloakIT {

  // All are set by Quarkus.
  @SuppressWarnings("NullAway.Init")
  @TestHTTPResource("/")
  URI broker;

  @SuppressWarnings("NullAway.Init")
  KeycloakFederation federation;

  @SuppressWarnings("NullAway.Init")
  KeycloakRealm realm;

  @SuppressWarnings("NullAway.Init")
  KeycloakSso sso;

  private ManagedChannel channel;

  @BeforeEach
  void connect() {
    channel =
        ManagedChannelBuilder.forAddress(broker.getHost(), federation.grpcPort)
            .usePlaintext()
            .build();
  }

  @AfterEach
  void disconnect() {
    channel.shutdownNow();
  }

  @Test
  void exchanges_a_client_credentials_token_for_a_verifiable_one() throws Exception {
    SignedJWT credential = SignedJWT.parse(realm.clientCredentialsToken());

    ExchangeTokenResponse response = exchange(credential);

    SignedJWT token = SignedJWT.parse(response.getAccessToken());
    assertThat(isSignedByTheBroker(token)).isTrue();
    assertThat(token.getHeader().getType()).isEqualTo(new JOSEObjectType("at+jwt"));
    JWTClaimsSet claims = token.getJWTClaimsSet();
    assertThat(claims.getSubject()).isEqualTo("app:" + KeycloakRealm.CLIENT);
    assertThat(claims.getAudience()).containsExactly(KeycloakFederation.TARGET);
    assertThat(claims.getStringClaim("scope").split(" ", -1)).containsOnly("deploy", "read");
    assertThat(claims.getExpirationTime().toInstant())
        .isAfter(Instant.now())
        .isBeforeOrEqualTo(credential.getJWTClaimsSet().getExpirationTime().toInstant());
  }

  @Test
  void exchanges_the_next_token_after_a_rotation_without_a_restart() throws Exception {
    SignedJWT before = SignedJWT.parse(realm.clientCredentialsToken());
    assertThat(isSignedByTheBroker(exchanged(before))).isTrue();

    realm.rotateKeys();
    awaitCoolDown();

    SignedJWT after = SignedJWT.parse(realm.clientCredentialsToken());
    assertThat(after.getHeader().getKeyID()).isNotEqualTo(before.getHeader().getKeyID());
    assertThat(isSignedByTheBroker(exchanged(after))).isTrue();
  }

  @Test
  void exchanges_a_users_token_at_keycloak_for_one_of_the_service() throws Exception {
    SignedJWT credential = SignedJWT.parse(sso.userToken());

    SignedJWT token = SignedJWT.parse(exchange(credential, KeycloakSso.SERVICE).getAccessToken());

    assertThat(isSignedBy(sso.keys(), token)).isTrue();
    JWTClaimsSet claims = token.getJWTClaimsSet();
    assertThat(claims.getIssuer()).isEqualTo(sso.issuer());
    assertThat(claims.getAudience()).contains(KeycloakSso.SERVICE);
    assertThat(claims.getSubject()).isEqualTo(credential.getJWTClaimsSet().getSubject());
  }

  @Test
  void doctor_finds_no_fault_with_keycloak_as_issuer_and_upstream() throws Exception {
    List<String> line =
        new ArrayList<>(
            Artifact.built().command(List.of("token-broker.upstream.allow-http-to-loopback=true")));
    line.addAll(List.of("doctor", "--federation", "target/edge-keycloak/federation.yaml"));
    line.addAll(List.of("--broker", broker.getHost() + ":" + federation.grpcPort));

    Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);

    assertThat(said).contains("answers 400 unsupported_grant_type", " 0 failed, ");
    assertThat(process.waitFor()).isZero();
  }

  private SignedJWT exchanged(SignedJWT credential) throws Exception {
    return SignedJWT.parse(exchange(credential).getAccessToken());
  }

  private ExchangeTokenResponse exchange(SignedJWT credential) {
    return exchange(credential, KeycloakFederation.TARGET);
  }

  private ExchangeTokenResponse exchange(SignedJWT credential, String audience) {
    return TokenBrokerGrpc.newBlockingStub(channel)
        .withDeadlineAfter(20, TimeUnit.SECONDS)
        .exchangeToken(
            BrokerClient.exchangeOf(audience, credential.serialize()).toBuilder()
                .setSubjectTokenType("urn:ietf:params:oauth:token-type:access_token")
                .build());
  }

  private boolean isSignedByTheBroker(SignedJWT token) throws Exception {
    return isSignedBy(JWKSet.load(broker.resolve("/.well-known/jwks.json").toURL()), token);
  }

  private static boolean isSignedBy(JWKSet published, SignedJWT token) throws Exception {
    JWK key = published.getKeyByKeyId(token.getHeader().getKeyID());
    assertThat(key).as("the key that the token names, in the JWK set").isNotNull();
    return token.verify(
        new DefaultJWSVerifierFactory()
            .createJWSVerifier(token.getHeader(), publicKey((AsymmetricJWK) key)));
  }

  private static PublicKey publicKey(AsymmetricJWK key) throws JOSEException {
    return key.toPublicKey();
  }

  /** The broker asks for unknown keys again once the cool-down since its last fetch is over. */
  private static void awaitCoolDown() {
    long end = System.nanoTime() + KeycloakFederation.KEY_COOL_DOWN.toNanos();
    for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }
}
