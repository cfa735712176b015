package dev.tokenbroker.interop;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.http.client.support.BasicAuthenticationInterceptor;
import org.springframework.http.converter.FormHttpMessageConverter;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.oauth2.client.ClientAuthorizationException;
import org.springframework.security.oauth2.client.OAuth2AuthorizationContext;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.TokenExchangeOAuth2AuthorizedClientProvider;
import org.springframework.security.oauth2.client.endpoint.NimbusJwtClientAuthenticationParametersConverter;
import org.springframework.security.oauth2.client.endpoint.OAuth2ClientCredentialsGrantRequest;
import org.springframework.security.oauth2.client.endpoint.RestClientClientCredentialsTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.RestClientTokenExchangeTokenResponseClient;
import org.springframework.security.oauth2.client.http.OAuth2ErrorResponseErrorHandler;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.core.OAuth2AuthenticatedPrincipal;
import org.springframework.security.oauth2.core.OAuth2AuthorizationException;
import org.springframework.security.oauth2.core.http.converter.OAuth2AccessTokenResponseHttpMessageConverter;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.BadJwtException;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtClaimValidator;
import org.springframework.security.oauth2.jwt.JwtValidationException;
import org.springframework.security.oauth2.jwt.JwtValidators;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.security.oauth2.server.resource.introspection.BadOpaqueTokenException;
import org.springframework.security.oauth2.server.resource.introspection.OAuth2IntrospectionException;
import org.springframework.security.oauth2.server.resource.introspection.OpaqueTokenIntrospector;
import org.springframework.security.oauth2.server.resource.introspection.SpringOpaqueTokenIntrospector;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestTemplate;

/** A workload and a service with Spring Security: its OAuth client and its resource server. */
@Tag("interop")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SpringSecurityIT {

  private static final Path SOURCE =
      Path.of("src", "interop", "java", "dev", "tokenbroker", "interop", "SpringSecurityIT.java");

  private static final String PAGE = "use/oauth-clients.md";
  private static final String CLIENT = InteropFederation.GATEWAY;

  /** As {@code openssl rand -base64 32} prints one: Spring encodes it for {@code Basic}. */
  private static final String SECRET = "3/r+Zk1yVw0pQm7c8Hj2uT5xNfB9sLdE4gKaRvYo6iA=";

  private final FakeIssuer issuer = FakeIssuer.start();
  private final ClientKey clientKey = ClientKey.generate();

  // Both are there before the first test.
  @SuppressWarnings("NullAway.Init")
  private InteropBroker broker;

  @SuppressWarnings("NullAway.Init")
  private ClientHttpRequestFactory connections;

  @BeforeAll
  void start(@TempDir Path directory) throws Exception {
    Path secret = Files.writeString(directory.resolve("secret"), SECRET);
    String federation =
        InteropFederation.withGateway(InteropFederation.of(Map.of("good", issuer)), secret);
    broker =
        InteropBroker.start(
            directory, clientKey.registeredIn(federation, InteropFederation.TARGET), Map.of());
    connections =
        new JdkClientHttpRequestFactory(HttpClient.newBuilder().sslContext(broker.trust()).build());
  }

  @AfterAll
  void stop() {
    broker.close();
    issuer.close();
  }

  @Test
  void gets_a_token_by_exchange_that_its_resource_server_accepts() {
    OAuth2AccessToken token = exchanged();

    assertThat(token.getTokenType()).isEqualTo(OAuth2AccessToken.TokenType.BEARER);
    assertThat(token.getScopes()).containsExactly("read");
    assertThat(token.getExpiresAt()).isAfter(token.getIssuedAt());
    Jwt jwt = decoder(InteropFederation.TARGET).decode(token.getTokenValue());
    assertThat(jwt.getAudience()).containsExactly(InteropFederation.TARGET);
    assertThat(jwt.getClaimAsString("scope")).isEqualTo("read");
  }

  @Test
  void is_refused_a_target_that_does_not_exist_and_shows_the_error() {
    assertThatThrownBy(
            () -> exchange(client(ClientAuthenticationMethod.NONE), audience("payments-apo")))
        .asInstanceOf(type(ClientAuthorizationException.class))
        .satisfies(
            refused -> {
              assertThat(refused.getError().getErrorCode()).isEqualTo("invalid_target");
              assertThat(refused.getError().getDescription()).contains("There is no such target");
            });
  }

  @Test
  void is_refused_without_an_audience() {
    assertThatThrownBy(
            () -> exchange(client(ClientAuthenticationMethod.NONE), new LinkedMultiValueMap<>()))
        .asInstanceOf(type(ClientAuthorizationException.class))
        .satisfies(
            refused -> assertThat(refused.getError().getErrorCode()).isEqualTo("invalid_request"));
  }

  @Test
  void exchanges_as_a_registered_client() throws Exception {
    ClientRegistration gateway =
        ClientRegistration.withClientRegistration(
                client(ClientAuthenticationMethod.CLIENT_SECRET_BASIC))
            .clientId(CLIENT)
            .clientSecret(SECRET)
            .build();

    OAuth2AccessToken token = exchange(gateway, audience(InteropFederation.RESTRICTED));

    assertThat(claims(token).getStringClaim("client_id")).isEqualTo(CLIENT);
  }

  @Test
  void gets_a_token_by_the_credential_as_client_assertion() throws Exception {
    OAuth2AccessToken token = byAssertion(issuer::credential);

    assertThat(claims(token).getSubject()).isEqualTo("repo:acme/payments:ref:refs/heads/main");
    assertThat(token.getScopes()).containsExactly("read");
  }

  @Test
  void gets_a_token_by_a_key_of_its_own() throws Exception {
    OAuth2AccessToken token = byKey(clientKey.jwk());

    assertThat(claims(token).getSubject()).isEqualTo("client:" + ClientKey.CLIENT);
    assertThat(claims(token).getStringClaim("client_id")).isEqualTo(ClientKey.CLIENT);
  }

  /** Spring reads the error of a 400 only. */
  @Test
  void is_refused_a_token_by_the_key_of_another() {
    assertThatThrownBy(() -> byKey(ClientKey.generate().jwk()))
        .isInstanceOf(OAuth2AuthorizationException.class)
        .hasMessageContaining("401")
        .hasMessageContaining("invalid_client");
  }

  @ParameterizedTest
  @ValueSource(strings = {"CLIENT_CREDENTIALS", "NimbusJwtClientAuthenticationParametersConverter"})
  void the_programs_are_those_of_the_page(String text) throws IOException {
    String printed =
        Documented.block(PAGE, "java", text)
            .replace('"' + Documented.ADDRESS + "/token\"", "broker.url() + \"/token\"");

    assertThat(Documented.withoutSpaces(Files.readString(SOURCE)))
        .contains(Documented.withoutSpaces(printed));
  }

  /** Spring reads the error of a 400 only; of any other status it shows the whole response. */
  @Test
  void is_refused_with_the_authentication_that_it_uses_by_default() {
    assertThatThrownBy(
            () ->
                exchange(
                    client(ClientAuthenticationMethod.CLIENT_SECRET_BASIC),
                    audience(InteropFederation.TARGET)))
        .asInstanceOf(type(ClientAuthorizationException.class))
        .satisfies(
            refused -> {
              assertThat(refused.getError().getErrorCode()).isEqualTo("invalid_token_response");
              assertThat(refused.getError().getDescription()).contains("401", "invalid_client");
            });
  }

  @Test
  void its_resource_server_refuses_a_token_for_another_service() {
    String token = exchanged().getTokenValue();

    assertThatThrownBy(() -> decoder("orders-api").decode(token))
        .isInstanceOf(JwtValidationException.class)
        .hasMessageContaining("aud");
  }

  @Test
  void its_resource_server_needs_a_validator_for_the_token_type() {
    String token = exchanged().getTokenValue();
    NimbusJwtDecoder decoder =
        NimbusJwtDecoder.withJwkSetUri(broker.url() + "/.well-known/jwks.json")
            .jwsAlgorithm(SignatureAlgorithm.ES256)
            .restOperations(new RestTemplate(connections))
            .build();

    assertThatThrownBy(() -> decoder.decode(token))
        .isInstanceOf(BadJwtException.class)
        .hasMessageContaining("typ value needs to be one of [JWT]");
  }

  /** Type, algorithm and keys are those of the broker; the two ES256 tokens differ by the type. */
  @Test
  void spring_boot_with_issuer_uri_accepts_tokens_of_type_jwt() throws Exception {
    Map<String, String> settings =
        Map.of(
            "spring.security.oauth2.resourceserver.jwt.issuer-uri", broker.url(),
            "javax.net.ssl.trustStore", broker.trustStore().toString());
    try (JarProgram service = JarProgram.spring(settings);
        HttpClient http = HttpClient.newHttpClient()) {
      assertThat(called(http, service, InteropFederation.PLAIN).body()).isEqualTo("JWT RS256");
      assertThat(called(http, service, InteropFederation.PLAIN_OWN).body()).isEqualTo("JWT ES256");

      HttpResponse<String> refused = called(http, service, InteropFederation.TARGET);
      assertThat(refused.statusCode()).isEqualTo(401);
      assertThat(refused.headers().firstValue("WWW-Authenticate").orElseThrow())
          .contains("invalid_token", "typ value needs to be one of [JWT]");
    }
  }

  private HttpResponse<String> called(HttpClient http, JarProgram service, String audience)
      throws Exception {
    String token =
        exchange(client(ClientAuthenticationMethod.NONE), audience(audience)).getTokenValue();
    return http.send(
        HttpRequest.newBuilder(service.uri()).header("Authorization", "Bearer " + token).build(),
        BodyHandlers.ofString());
  }

  @Test
  void introspects_with_the_secret_of_a_client() {
    String token = exchanged().getTokenValue();

    OAuth2AuthenticatedPrincipal principal = introspector(SECRET).introspect(token);

    assertThat(principal.getName()).isEqualTo("repo:acme/payments:ref:refs/heads/main");
    assertThat(principal.getAuthorities())
        .extracting(GrantedAuthority::getAuthority)
        .containsExactly("SCOPE_read");
    assertThat(principal.<Object>getAttribute("iss")).hasToString(broker.url());
  }

  @Test
  void introspection_refuses_a_token_that_is_not_active() {
    assertThatThrownBy(() -> introspector(SECRET).introspect("none"))
        .isInstanceOf(BadOpaqueTokenException.class);
  }

  /** This exception is a failure of the server to Spring: its caller gets 500, not 401. */
  @Test
  void introspection_with_a_wrong_secret_is_an_error_of_the_service() {
    String token = exchanged().getTokenValue();

    assertThatThrownBy(() -> introspector("wrong-" + SECRET).introspect(token))
        .isInstanceOf(OAuth2IntrospectionException.class)
        .isNotInstanceOf(BadOpaqueTokenException.class)
        .hasMessageContaining("401");
  }

  private OAuth2AccessToken exchanged() {
    return exchange(client(ClientAuthenticationMethod.NONE), audience(InteropFederation.TARGET));
  }

  private OAuth2AccessToken byAssertion(Supplier<String> credential) {
    ClientRegistration registration =
        ClientRegistration.withRegistrationId("broker")
            .clientId("repo:acme/payments:ref:refs/heads/main") // the sub of the credential
            .clientAuthenticationMethod(ClientAuthenticationMethod.NONE)
            .authorizationGrantType(AuthorizationGrantType.CLIENT_CREDENTIALS)
            .tokenUri(broker.url() + "/token")
            .scope("read")
            .build();
    RestClientClientCredentialsTokenResponseClient endpoint =
        new RestClientClientCredentialsTokenResponseClient();
    endpoint.addParametersConverter(
        request ->
            MultiValueMap.fromSingleValue(
                Map.of(
                    "audience", "payments-api",
                    "client_assertion_type",
                        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                    "client_assertion", credential.get())));
    return token(endpoint, registration);
  }

  @SuppressWarnings("NullAway") // Spring's converter may give null; its own endpoint takes that
  private OAuth2AccessToken byKey(ECKey key) {
    ClientRegistration registration =
        ClientRegistration.withRegistrationId("broker")
            .clientId(ClientKey.CLIENT)
            .clientAuthenticationMethod(ClientAuthenticationMethod.PRIVATE_KEY_JWT)
            .authorizationGrantType(AuthorizationGrantType.CLIENT_CREDENTIALS)
            .tokenUri(broker.url() + "/token")
            .scope("read")
            .build();
    RestClientClientCredentialsTokenResponseClient endpoint =
        new RestClientClientCredentialsTokenResponseClient();
    endpoint.addParametersConverter(
        new NimbusJwtClientAuthenticationParametersConverter<>(client -> key));
    endpoint.addParametersConverter(
        request -> MultiValueMap.fromSingleValue(Map.of("audience", "payments-api")));
    return token(endpoint, registration);
  }

  private OAuth2AccessToken token(
      RestClientClientCredentialsTokenResponseClient endpoint, ClientRegistration registration) {
    endpoint.setRestClient(connected());
    return endpoint
        .getTokenResponse(new OAuth2ClientCredentialsGrantRequest(registration))
        .getAccessToken();
  }

  private static JWTClaimsSet claims(OAuth2AccessToken token) throws ParseException {
    return SignedJWT.parse(token.getTokenValue()).getJWTClaimsSet();
  }

  /** What Spring uses by default, but for the trust in the broker's certificate. */
  private RestClient connected() {
    return RestClient.builder()
        .requestFactory(connections)
        .configureMessageConverters(
            converters ->
                converters
                    .addCustomConverter(new FormHttpMessageConverter())
                    .addCustomConverter(new OAuth2AccessTokenResponseHttpMessageConverter()))
        .defaultStatusHandler(new OAuth2ErrorResponseErrorHandler())
        .build();
  }

  private OAuth2AccessToken exchange(
      ClientRegistration registration, MultiValueMap<String, String> more) {
    RestClientTokenExchangeTokenResponseClient endpoint =
        new RestClientTokenExchangeTokenResponseClient();
    endpoint.addParametersConverter(request -> more);
    endpoint.setRestClient(connected());
    TokenExchangeOAuth2AuthorizedClientProvider provider =
        new TokenExchangeOAuth2AuthorizedClientProvider();
    provider.setAccessTokenResponseClient(endpoint);
    provider.setSubjectTokenResolver(
        context ->
            Jwt.withTokenValue(issuer.credential()).header("alg", "ES256").subject("any").build());
    OAuth2AuthorizedClient authorized =
        provider.authorize(
            OAuth2AuthorizationContext.withClientRegistration(registration)
                .principal(new TestingAuthenticationToken("workload", "none"))
                .build());
    return requireNonNull(authorized).getAccessToken();
  }

  private ClientRegistration client(ClientAuthenticationMethod method) {
    return ClientRegistration.withRegistrationId("broker")
        .clientId("any")
        .clientSecret("any")
        .clientAuthenticationMethod(method)
        .authorizationGrantType(AuthorizationGrantType.TOKEN_EXCHANGE)
        .tokenUri(broker.url() + "/token")
        .scope("read")
        .build();
  }

  private static MultiValueMap<String, String> audience(String audience) {
    return MultiValueMap.fromSingleValue(Map.of("audience", audience));
  }

  /** The decoder of src/docs/use/clients.md. */
  private NimbusJwtDecoder decoder(String audience) {
    NimbusJwtDecoder decoder =
        NimbusJwtDecoder.withJwkSetUri(broker.url() + "/.well-known/jwks.json")
            .jwsAlgorithm(SignatureAlgorithm.ES256)
            .validateType(false)
            .restOperations(new RestTemplate(connections))
            .build();
    decoder.setJwtValidator(
        JwtValidators.createAtJwtValidator()
            .issuer(broker.url())
            .audience(audience)
            .validators(
                claims ->
                    claims.put("client_id", new JwtClaimValidator<>("client_id", Objects::nonNull)))
            .build());
    return decoder;
  }

  private OpaqueTokenIntrospector introspector(String secret) {
    RestTemplate requests = new RestTemplate(connections);
    requests.getInterceptors().add(new BasicAuthenticationInterceptor(CLIENT, secret));
    return new SpringOpaqueTokenIntrospector(broker.url() + "/introspect", requests);
  }
}
