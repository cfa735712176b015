package dev.tokenbroker.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.TokenIntrospectionRequest;
import com.nimbusds.oauth2.sdk.TokenIntrospectionResponse;
import com.nimbusds.oauth2.sdk.TokenIntrospectionSuccessResponse;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.TokenResponse;
import com.nimbusds.oauth2.sdk.TokenRevocationRequest;
import com.nimbusds.oauth2.sdk.as.AuthorizationServerMetadata;
import com.nimbusds.oauth2.sdk.auth.ClientAuthenticationMethod;
import com.nimbusds.oauth2.sdk.dpop.DPoPProofFactory;
import com.nimbusds.oauth2.sdk.dpop.DefaultDPoPProofFactory;
import com.nimbusds.oauth2.sdk.dpop.JWKThumbprintConfirmation;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import com.nimbusds.oauth2.sdk.id.Audience;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.Issuer;
import com.nimbusds.oauth2.sdk.token.AccessToken;
import com.nimbusds.oauth2.sdk.token.AccessTokenType;
import com.nimbusds.oauth2.sdk.token.BearerAccessToken;
import com.nimbusds.oauth2.sdk.token.BearerTokenError;
import com.nimbusds.oauth2.sdk.token.DPoPAccessToken;
import com.nimbusds.oauth2.sdk.token.DPoPTokenError;
import com.nimbusds.oauth2.sdk.token.TokenTypeURI;
import com.nimbusds.oauth2.sdk.token.TypelessAccessToken;
import com.nimbusds.oauth2.sdk.tokenexchange.TokenExchangeGrant;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Services in Java that introspect and revoke, and clients whose tokens are bound to a key, all by
 * the OAuth 2.0 SDK of Nimbus.
 */
@Tag("interop")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NimbusServiceIT {

  private static final ClientID CLIENT = new ClientID("interop");
  private static final String ITSELF = "token-broker";

  private final FakeIssuer issuer = FakeIssuer.start();

  // All are there before the first test.
  @SuppressWarnings("NullAway.Init")
  private InteropBroker broker;

  @SuppressWarnings("NullAway.Init")
  private AuthorizationServerMetadata server;

  @SuppressWarnings("NullAway.Init")
  private ECKey key;

  @SuppressWarnings("NullAway.Init")
  private DPoPProofFactory proofs;

  @BeforeAll
  void start(@TempDir Path directory) throws Exception {
    broker = InteropBroker.start(directory, InteropFederation.of(Map.of("good", issuer)), Map.of());
    server = AuthorizationServerMetadata.resolve(new Issuer(broker.url()), this::trusting);
    key = new ECKeyGenerator(Curve.P_256).generate();
    proofs = new DefaultDPoPProofFactory(key, JWSAlgorithm.ES256);
  }

  @AfterAll
  void stop() {
    broker.close();
    issuer.close();
  }

  @Test
  void reads_that_tokens_can_be_introspected_revoked_and_bound() {
    assertThat(server.getIntrospectionEndpointURI()).hasPath("/introspect");
    assertThat(server.getRevocationEndpointURI()).hasPath("/revoke");
    assertThat(server.getDPoPJWSAlgs()).contains(JWSAlgorithm.ES256);
    assertThat(server.getTokenEndpointAuthMethods()).contains(ClientAuthenticationMethod.NONE);
  }

  @Test
  void learns_what_a_token_is_until_it_is_revoked() throws Exception {
    AccessToken token = bearer("user", InteropFederation.TARGET);
    AccessToken service = bearer("gateway", ITSELF);

    TokenIntrospectionSuccessResponse active = introspected(token, service);

    assertThat(active.isActive()).isTrue();
    assertThat(active.getTokenType()).isEqualTo(AccessTokenType.BEARER);
    assertThat(active.getScope()).isEqualTo(new Scope("deploy", "read"));
    assertThat(active.getIssuer()).isEqualTo(new Issuer(broker.url()));
    assertThat(active.getAudience()).containsExactly(new Audience(InteropFederation.TARGET));
    assertThat(active.getSubject().getValue()).isEqualTo("user");
    assertThat(active.getExpirationTime()).isAfter(active.getIssueTime());
    assertThat(revoke(token, service).getStatusCode()).isEqualTo(200);
    assertThat(introspected(token, service).toJSONObject()).isEqualTo(Map.of("active", false));
    assertThat(revoke(token, service).getStatusCode()).isEqualTo(200);
  }

  @Test
  void is_challenged_where_its_token_is_none() throws Exception {
    AccessToken token = bearer("user", InteropFederation.TARGET);
    AccessToken none = new BearerAccessToken("none");

    assertThat(
            TokenIntrospectionResponse.parse(introspect(token, none))
                .toErrorResponse()
                .getErrorObject())
        .isEqualTo(BearerTokenError.INVALID_TOKEN);
    assertThat(revoke(token, none).getStatusCode()).isEqualTo(401);
    assertThat(introspected(token, bearer("gateway", ITSELF)).isActive()).isTrue();
  }

  @Test
  void gets_a_token_that_is_bound_to_its_key_and_introspects_by_it() throws Exception {
    AccessToken service = bound("gateway", ITSELF);
    AccessToken token = bound("user", InteropFederation.TARGET);
    HTTPRequest request =
        new TokenIntrospectionRequest(server.getIntrospectionEndpointURI(), service, token)
            .toHTTPRequest();
    request.setDPoP(proofs.createDPoPJWT("POST", server.getIntrospectionEndpointURI(), service));

    TokenIntrospectionSuccessResponse active =
        TokenIntrospectionResponse.parse(sent(request)).toSuccessResponse();

    assertThat(active.getTokenType()).isEqualTo(AccessTokenType.DPOP);
    assertThat(active.getJWKThumbprintConfirmation())
        .isEqualTo(new JWKThumbprintConfirmation(key.computeThumbprint()))
        .isEqualTo(
            JWKThumbprintConfirmation.parse(SignedJWT.parse(token.getValue()).getJWTClaimsSet()));
  }

  @Test
  void is_refused_where_its_bound_token_comes_without_a_proof() throws Exception {
    AccessToken service = bound("gateway", ITSELF);

    assertThat(introspect(service, service).getStatusCode()).isEqualTo(401);
    assertThat(introspect(service, new BearerAccessToken(service.getValue())).getStatusCode())
        .isEqualTo(401);
  }

  @Test
  void is_refused_where_it_sends_a_proof_twice() throws Exception {
    SignedJWT proof = proofs.createDPoPJWT("POST", server.getTokenEndpointURI());
    assertThat(exchange("user", InteropFederation.TARGET, proof).indicatesSuccess()).isTrue();

    TokenResponse refused = exchange("user", InteropFederation.TARGET, proof);

    assertThat(refused.toErrorResponse().getErrorObject().getCode())
        .isEqualTo(DPoPTokenError.INVALID_DPOP_PROOF.getCode());
  }

  private AccessToken bearer(String subject, String audience) throws Exception {
    AccessToken token = granted(exchange(subject, audience, null));
    assertThat(token).isInstanceOf(BearerAccessToken.class);
    return token;
  }

  private AccessToken bound(String subject, String audience) throws Exception {
    AccessToken token =
        granted(
            exchange(
                subject, audience, proofs.createDPoPJWT("POST", server.getTokenEndpointURI())));
    assertThat(token).isInstanceOf(DPoPAccessToken.class);
    return token;
  }

  private static AccessToken granted(TokenResponse response) {
    assertThat(response.indicatesSuccess()).as("%s", response.toHTTPResponse().getBody()).isTrue();
    return response.toSuccessResponse().getTokens().getAccessToken();
  }

  private TokenResponse exchange(String subject, String audience, @Nullable SignedJWT proof)
      throws Exception {
    HTTPRequest request =
        new TokenRequest.Builder(
                server.getTokenEndpointURI(),
                CLIENT,
                new TokenExchangeGrant(
                    new TypelessAccessToken(
                        issuer.credential(claims -> claims.put("sub", subject))),
                    TokenTypeURI.JWT,
                    null,
                    null,
                    TokenTypeURI.ACCESS_TOKEN,
                    List.of(new Audience(audience))))
            .build()
            .toHTTPRequest();
    request.setDPoP(proof);
    return TokenResponse.parse(sent(request));
  }

  private TokenIntrospectionSuccessResponse introspected(AccessToken token, AccessToken by)
      throws Exception {
    return TokenIntrospectionResponse.parse(introspect(token, by)).toSuccessResponse();
  }

  private HTTPResponse introspect(AccessToken token, AccessToken by) throws Exception {
    return sent(
        new TokenIntrospectionRequest(server.getIntrospectionEndpointURI(), by, token)
            .toHTTPRequest());
  }

  /**
   * The SDK has no way to authenticate this request by a token, so the header is put on by hand.
   */
  private HTTPResponse revoke(AccessToken token, AccessToken by) throws Exception {
    HTTPRequest request =
        new TokenRevocationRequest(server.getRevocationEndpointURI(), CLIENT, token)
            .toHTTPRequest();
    request.setAuthorization(by.toAuthorizationHeader());
    return sent(request);
  }

  private HTTPResponse sent(HTTPRequest request) throws Exception {
    trusting(request);
    return request.send();
  }

  private void trusting(HTTPRequest request) {
    request.setSSLSocketFactory(broker.trust().getSocketFactory());
  }
}
