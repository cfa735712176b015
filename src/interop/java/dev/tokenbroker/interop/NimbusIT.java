package dev.tokenbroker.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import com.nimbusds.oauth2.sdk.AccessTokenResponse;
import com.nimbusds.oauth2.sdk.AuthorizationGrant;
import com.nimbusds.oauth2.sdk.ErrorObject;
import com.nimbusds.oauth2.sdk.GrantType;
import com.nimbusds.oauth2.sdk.JWTBearerGrant;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.TokenResponse;
import com.nimbusds.oauth2.sdk.as.AuthorizationServerMetadata;
import com.nimbusds.oauth2.sdk.auth.ClientAuthenticationMethod;
import com.nimbusds.oauth2.sdk.auth.ClientSecretBasic;
import com.nimbusds.oauth2.sdk.auth.Secret;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import com.nimbusds.oauth2.sdk.id.Audience;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.Issuer;
import com.nimbusds.oauth2.sdk.token.AccessTokenType;
import com.nimbusds.oauth2.sdk.token.TokenTypeURI;
import com.nimbusds.oauth2.sdk.token.TypelessAccessToken;
import com.nimbusds.oauth2.sdk.tokenexchange.TokenExchangeGrant;
import com.nimbusds.openid.connect.sdk.op.OIDCProviderMetadata;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** An OAuth client and a verifier in Java, by the OAuth 2.0 SDK of Nimbus. */
@Tag("interop")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NimbusIT {

  private static final ClientID CLIENT = new ClientID("interop");

  private final FakeIssuer issuer = FakeIssuer.start();

  // Both are there before the first test.
  @SuppressWarnings("NullAway.Init")
  private InteropBroker broker;

  @SuppressWarnings("NullAway.Init")
  private AuthorizationServerMetadata server;

  @BeforeAll
  void start(@TempDir Path directory) throws Exception {
    broker = InteropBroker.start(directory, InteropFederation.of(Map.of("good", issuer)), Map.of());
    server = AuthorizationServerMetadata.resolve(new Issuer(broker.url()), this::trusting);
  }

  @AfterAll
  void stop() {
    broker.close();
    issuer.close();
  }

  @Test
  void reads_the_metadata_of_either_convention() throws Exception {
    OIDCProviderMetadata provider =
        OIDCProviderMetadata.resolve(new Issuer(broker.url()), this::trusting);

    assertThat(List.of(server, provider))
        .allSatisfy(
            metadata -> {
              assertThat(metadata.getTokenEndpointURI())
                  .isEqualTo(URI.create(broker.url() + "/token"));
              assertThat(metadata.getGrantTypes())
                  .contains(GrantType.TOKEN_EXCHANGE, GrantType.JWT_BEARER);
              assertThat(metadata.getTokenEndpointAuthMethods())
                  .contains(ClientAuthenticationMethod.NONE);
            });
    assertThat(provider.getIDTokenJWSAlgs()).contains(JWSAlgorithm.ES256);
  }

  @Test
  void exchanges_a_credential_for_a_token_that_any_verifier_accepts() throws Exception {
    AccessTokenResponse granted =
        granted(
            new TokenRequest.Builder(server.getTokenEndpointURI(), CLIENT, exchange())
                .scope(new Scope("read"))
                .build());

    assertThat(granted.getTokens().getAccessToken().getType()).isEqualTo(AccessTokenType.BEARER);
    assertThat(granted.getTokens().getAccessToken().getIssuedTokenType())
        .isEqualTo(TokenTypeURI.ACCESS_TOKEN);
    assertThat(granted.getTokens().getAccessToken().getLifetime()).isBetween(1L, 300L);
    assertThat(granted.getTokens().getAccessToken().getScope()).isEqualTo(new Scope("read"));
    JWTClaimsSet claims = verified(granted);
    assertThat(claims.getStringClaim("scope")).isEqualTo("read");
  }

  @Test
  void gets_a_token_for_an_assertion() throws Exception {
    AccessTokenResponse granted =
        granted(
            new TokenRequest.Builder(
                    server.getTokenEndpointURI(),
                    new JWTBearerGrant(SignedJWT.parse(issuer.credential())))
                .customParameter("audience", InteropFederation.TARGET)
                .build());

    assertThat(verified(granted).getSubject()).isEqualTo("repo:acme/payments:ref:refs/heads/main");
  }

  @Test
  void gets_a_token_for_a_resource() throws Exception {
    AccessTokenResponse granted =
        granted(
            new TokenRequest.Builder(
                    server.getTokenEndpointURI(),
                    CLIENT,
                    new JWTBearerGrant(SignedJWT.parse(issuer.credential())))
                .resource(URI.create(InteropFederation.RESOURCE))
                .build());

    assertThat(
            SignedJWT.parse(granted.getTokens().getAccessToken().getValue())
                .getJWTClaimsSet()
                .getAudience())
        .containsExactly(InteropFederation.RESOURCE);
  }

  @Test
  void is_told_the_error_and_the_reason() throws Exception {
    TokenResponse refused =
        send(
            new TokenRequest.Builder(
                    server.getTokenEndpointURI(),
                    CLIENT,
                    new JWTBearerGrant(SignedJWT.parse(issuer.credential())))
                .customParameter("audience", "payments-apo")
                .build());

    assertThat(refused.indicatesSuccess()).isFalse();
    ErrorObject error = refused.toErrorResponse().getErrorObject();
    assertThat(error.getCode()).isEqualTo("invalid_target");
    assertThat(error.getHTTPStatusCode()).isEqualTo(400);
    assertThat(error.getDescription()).isNotEmpty();
  }

  @Test
  void is_told_not_to_authenticate() throws Exception {
    TokenResponse refused =
        send(
            new TokenRequest.Builder(
                    server.getTokenEndpointURI(),
                    new ClientSecretBasic(CLIENT, new Secret("nobody-looks")),
                    exchange())
                .build());

    assertThat(refused.toErrorResponse().getErrorObject().getCode()).isEqualTo("invalid_client");
    assertThat(refused.toErrorResponse().getErrorObject().getHTTPStatusCode()).isEqualTo(401);
  }

  private AuthorizationGrant exchange() {
    return new TokenExchangeGrant(
        new TypelessAccessToken(issuer.credential()),
        TokenTypeURI.JWT,
        null,
        null,
        TokenTypeURI.ACCESS_TOKEN,
        List.of(new Audience(InteropFederation.TARGET)));
  }

  private AccessTokenResponse granted(TokenRequest request) throws Exception {
    TokenResponse response = send(request);
    assertThat(response.indicatesSuccess()).as("%s", response.toHTTPResponse().getBody()).isTrue();
    return response.toSuccessResponse();
  }

  private TokenResponse send(TokenRequest request) throws Exception {
    HTTPRequest http = request.toHTTPRequest();
    trusting(http);
    HTTPResponse response = http.send();
    return TokenResponse.parse(response);
  }

  /** The claims of a token for the target, by the rules of RFC 9068 section 4. */
  private JWTClaimsSet verified(AccessTokenResponse granted) throws Exception {
    JWKSource<SecurityContext> keys =
        JWKSourceBuilder.<SecurityContext>create(
                server.getJWKSetURI().toURL(),
                new DefaultResourceRetriever(
                    5_000, 5_000, 51_200, true, broker.trust().getSocketFactory()))
            .build();
    DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
    processor.setJWSTypeVerifier(new DefaultJOSEObjectTypeVerifier<>(new JOSEObjectType("at+jwt")));
    processor.setJWSKeySelector(new JWSVerificationKeySelector<>(JWSAlgorithm.ES256, keys));
    processor.setJWTClaimsSetVerifier(
        new DefaultJWTClaimsVerifier<>(
            InteropFederation.TARGET,
            new JWTClaimsSet.Builder().issuer(broker.url()).build(),
            Set.of("sub", "exp", "iat", "jti", "client_id")));
    return processor.process(granted.getTokens().getAccessToken().getValue(), null);
  }

  private void trusting(HTTPRequest request) {
    request.setSSLSocketFactory(broker.trust().getSocketFactory());
  }
}
