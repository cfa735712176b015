package dev.tokenbroker.issue.sts;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.crypto.factories.DefaultJWSVerifierFactory;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.issue.signing.TestKeyFiles;
import dev.tokenbroker.judge.credential.PresentedCredential;
import dev.tokenbroker.judge.policy.ExchangeGrants;
import dev.tokenbroker.judge.target.Supply;
import dev.tokenbroker.peers.http.PeerRequest;
import dev.tokenbroker.peers.trust.PeerTls;
import dev.tokenbroker.process.runtime.TestClock;
import dev.tokenbroker.process.runtime.Unchecked;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is sent to an upstream, parameter by parameter. */
class TokenFormTest {

  private static final URI ENDPOINT = URI.create("https://sso.acme.example/token");
  private static final String ISSUER = "https://sso.acme.example";
  private static final String JWT_TYPE = "urn:ietf:params:oauth:token-type:jwt";
  private static final PresentedCredential CREDENTIAL =
      new PresentedCredential(JWT_TYPE, "head.claims.signature");
  private static final Supply.Exchange PLAIN = ExchangeGrants.plain();
  private static final ClientAuthentication NONE =
      new ClientAuthentication.NoAuthentication("broker");

  @TempDir Path directory;
  private final TestClock clock = new TestClock();

  @Test
  void a_token_exchange_says_what_it_brings_and_what_it_wants() {
    Supply.Exchange exchange =
        ExchangeGrants.exchange(
            "corp-sso",
            "orders-service",
            List.of("https://orders.example/a", "https://orders.example/b"),
            null,
            Map.of());

    assertThat(sent(UpstreamGrant.TOKEN_EXCHANGE, NONE, exchange, List.of("read", "write")))
        .containsExactly(
            "grant_type=urn:ietf:params:oauth:grant-type:token-exchange",
            "subject_token=head.claims.signature",
            "subject_token_type=" + JWT_TYPE,
            "requested_token_type=urn:ietf:params:oauth:token-type:access_token",
            "audience=orders-service",
            "resource=https://orders.example/a",
            "resource=https://orders.example/b",
            "scope=read write",
            "client_id=broker");
  }

  @Test
  void a_jwt_grant_brings_the_credential_as_assertion() {
    assertThat(sent(UpstreamGrant.JWT_BEARER, NONE, PLAIN, List.of("read")))
        .containsExactly(
            "grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer",
            "assertion=head.claims.signature",
            "scope=read",
            "client_id=broker");
  }

  @Test
  void client_credentials_keep_the_credential_to_the_broker() {
    assertThat(sent(UpstreamGrant.CLIENT_CREDENTIALS, NONE, PLAIN, List.of()))
        .containsExactly("grant_type=client_credentials", "client_id=broker");
  }

  @Test
  void the_scopes_of_a_target_stand_in_for_those_granted() {
    assertThat(sent(UpstreamGrant.JWT_BEARER, NONE, scoped("openid"), List.of("read")))
        .contains("scope=openid")
        .doesNotContain("scope=read");
    assertThat(sent(UpstreamGrant.JWT_BEARER, NONE, scoped(), List.of("read")))
        .noneMatch(parameter -> parameter.startsWith("scope="));
  }

  private static Supply.Exchange scoped(String... scopes) {
    return ExchangeGrants.exchange("corp-sso", null, List.of(), List.of(scopes), Map.of());
  }

  @Test
  void a_target_may_add_parameters_and_name_types_for_its_upstream() {
    Supply.Exchange exchange =
        ExchangeGrants.exchange(
            "corp-sso",
            null,
            List.of(),
            null,
            Map.of(
                "subject_token_type", "urn:ietf:params:oauth:token-type:id_token",
                "requested_token_type", "urn:ietf:params:oauth:token-type:jwt",
                "connection", "github & co"));

    assertThat(sent(UpstreamGrant.TOKEN_EXCHANGE, NONE, exchange, List.of()))
        .containsExactly(
            "grant_type=urn:ietf:params:oauth:grant-type:token-exchange",
            "subject_token=head.claims.signature",
            "connection=github & co",
            "requested_token_type=urn:ietf:params:oauth:token-type:jwt",
            "subject_token_type=urn:ietf:params:oauth:token-type:id_token",
            "client_id=broker");
  }

  @ParameterizedTest
  @ValueSource(strings = {"grant_type", "subject_token", "client_id"})
  void a_parameter_that_is_set_already_is_a_bug(String name) {
    Supply.Exchange exchange =
        ExchangeGrants.exchange("corp-sso", null, List.of(), null, Map.of(name, "other"));

    assertThatThrownBy(() -> sent(UpstreamGrant.TOKEN_EXCHANGE, NONE, exchange, List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(name);
    assertThat(Upstream.RESERVED_PARAMETERS).contains(name);
  }

  @Test
  void basic_encodes_both_parts_before_it_joins_them() {
    ClientAuthentication basic =
        new ClientAuthentication.Basic("https://broker: a%b", secret("s:e+c r%&~t\n"));
    PeerRequest request = request(UpstreamGrant.CLIENT_CREDENTIALS, basic, PLAIN, List.of());

    String header = Objects.requireNonNull(request.headers().get("Authorization"));

    assertThat(header).startsWith("Basic ");
    assertThat(new String(Base64.getDecoder().decode(header.substring(6)), US_ASCII))
        .isEqualTo("https%3A%2F%2Fbroker%3A+a%25b:s%3Ae%2Bc+r%25%26%7Et");
    assertThat(parameters(request)).containsExactly("grant_type=client_credentials");
  }

  @Test
  void post_puts_the_secret_into_the_body() {
    ClientAuthentication post = new ClientAuthentication.Post("broker", secret("s&c=r%+~t"));

    assertThat(sent(UpstreamGrant.CLIENT_CREDENTIALS, post, PLAIN, List.of()))
        .containsExactly(
            "grant_type=client_credentials", "client_id=broker", "client_secret=s&c=r%+~t");
  }

  @Test
  void mutual_tls_names_the_client_and_the_connection_proves_it() {
    UpstreamDefinition upstream =
        TestUpstreams.of(
            null,
            ENDPOINT,
            UpstreamGrant.CLIENT_CREDENTIALS,
            new ClientAuthentication.MutualTls("broker"),
            "client-certificate");

    PeerRequest request = request(upstream, PLAIN, List.of());

    assertThat(request.tls()).isEqualTo(new PeerTls.ConfiguredTls("client-certificate"));
    assertThat(request.headers()).containsOnlyKeys("Accept", "Content-Type");
    assertThat(parameters(request))
        .containsExactly("grant_type=client_credentials", "client_id=broker");
  }

  @Test
  void a_public_client_without_an_identifier_sends_none() {
    ClientAuthentication nobody = new ClientAuthentication.NoAuthentication(null);

    assertThat(sent(UpstreamGrant.JWT_BEARER, nobody, PLAIN, List.of()))
        .containsExactly(
            "grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer",
            "assertion=head.claims.signature");
  }

  @Test
  void a_federated_client_is_who_the_credential_says() {
    assertThat(
            sent(
                UpstreamGrant.CLIENT_CREDENTIALS,
                new ClientAuthentication.Federated(null),
                PLAIN,
                List.of()))
        .containsExactly(
            "grant_type=client_credentials",
            "client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion=head.claims.signature");
  }

  /** Entra ID's form of a client that another issuer vouches for. */
  @Test
  void a_federated_client_may_have_an_identifier_and_a_scope() {
    assertThat(
            sent(
                UpstreamGrant.CLIENT_CREDENTIALS,
                new ClientAuthentication.Federated("0f8fad5b-d9cb-469f-a165-70867728950e"),
                scoped("https://graph.example/.default"),
                List.of("read")))
        .containsExactly(
            "grant_type=client_credentials",
            "scope=https://graph.example/.default",
            "client_id=0f8fad5b-d9cb-469f-a165-70867728950e",
            "client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion=head.claims.signature");
  }

  @Test
  void json_has_the_members_of_the_form_in_their_order() {
    Supply.Exchange openAi =
        ExchangeGrants.exchange(
            "openai",
            "https://api.openai.example",
            List.of("https://api.openai.example/v1"),
            List.of(),
            Map.of("service_account_id", "sa \"1\" é", "identity_provider_id", "idp-1"));

    PeerRequest request = json(UpstreamGrant.TOKEN_EXCHANGE, openAi);

    assertThat(request.headers()).containsEntry("Content-Type", "application/json");
    assertThat(new String(request.body(), UTF_8))
        .isEqualTo(
            "{\"grant_type\":\"urn:ietf:params:oauth:grant-type:token-exchange\","
                + "\"subject_token\":\"head.claims.signature\","
                + "\"subject_token_type\":\"urn:ietf:params:oauth:token-type:jwt\","
                + "\"requested_token_type\":\"urn:ietf:params:oauth:token-type:access_token\","
                + "\"audience\":\"https://api.openai.example\","
                + "\"resource\":\"https://api.openai.example/v1\","
                + "\"identity_provider_id\":\"idp-1\","
                + "\"service_account_id\":\"sa \\\"1\\\" é\"}");
  }

  @Test
  void json_has_several_resources_as_a_list() {
    Supply.Exchange exchange =
        ExchangeGrants.exchange(
            "openai", null, List.of("urn:a", "urn:b"), List.of("read", "write"), Map.of());

    assertThat(new String(json(UpstreamGrant.JWT_BEARER, exchange).body(), UTF_8))
        .isEqualTo(
            "{\"grant_type\":\"urn:ietf:params:oauth:grant-type:jwt-bearer\","
                + "\"assertion\":\"head.claims.signature\","
                + "\"resource\":[\"urn:a\",\"urn:b\"],"
                + "\"scope\":\"read write\"}");
  }

  @Test
  void json_leaves_a_secret_of_the_header_in_the_header() {
    UpstreamDefinition upstream =
        definition(
            UpstreamGrant.CLIENT_CREDENTIALS,
            new ClientAuthentication.Basic("broker", secret("hush")),
            RequestEncoding.JSON);

    PeerRequest request = request(upstream, PLAIN, List.of());

    assertThat(request.headers()).containsOnlyKeys("Accept", "Authorization", "Content-Type");
    assertThat(new String(request.body(), UTF_8))
        .isEqualTo("{\"grant_type\":\"client_credentials\"}");
    assertThat(request.toString()).doesNotContain("client_credentials");
  }

  @Test
  void an_assertion_is_for_the_issuer_if_declared() throws Exception {
    KeyPair key = TestKeyFiles.ec("secp256r1");

    SignedJWT assertion = assertion(key, null, ISSUER);

    assertThat(isSignedBy(key, assertion)).isTrue();
    assertThat(assertion.getHeader().getType()).isEqualTo(JOSEObjectType.JWT);
    assertThat(assertion.getHeader().getKeyID()).hasSize(43);
    JWTClaimsSet claims = assertion.getJWTClaimsSet();
    assertThat(claims.getIssuer()).isEqualTo("broker");
    assertThat(claims.getSubject()).isEqualTo("broker");
    assertThat(claims.toJSONObject()).containsEntry("aud", ISSUER);
    assertThat(claims.getJWTID()).hasSize(22);
    assertThat(claims.getIssueTime()).isEqualTo(Date.from(clock.instant()));
    assertThat(claims.getExpirationTime())
        .isEqualTo(Date.from(clock.instant().plus(Duration.ofSeconds(60))));
  }

  @Test
  void an_assertion_is_for_the_token_endpoint_if_declared() throws Exception {
    SignedJWT assertion = assertion(TestKeyFiles.rsa(2048), "key-1", null);

    assertThat(assertion.getJWTClaimsSet().toJSONObject()).containsEntry("aud", "" + ENDPOINT);
    assertThat(assertion.getHeader().getKeyID()).isEqualTo("key-1");
  }

  @Test
  void each_attempt_has_an_assertion_of_its_own() throws Exception {
    ClientProof proof = signing(TestKeyFiles.ec("secp256r1"), null, ISSUER);

    assertThat(Stream.generate(() -> id(assertion(proof))).limit(3).distinct()).hasSize(3);
  }

  @Test
  void secrets_stand_in_no_text_about_a_request() {
    ClientAuthentication post = new ClientAuthentication.Post("broker", secret("hush"));
    PeerRequest request = request(UpstreamGrant.TOKEN_EXCHANGE, post, PLAIN, List.of());
    TokenForm form = TokenForm.of(UpstreamGrant.JWT_BEARER, wanted(PLAIN, List.of()));

    assertThat(request.toString() + form + wanted(PLAIN, List.of()))
        .doesNotContain("hush")
        .doesNotContain("signature");
  }

  private Wanted wanted(Supply.Exchange exchange, List<String> scopes) {
    return Wanted.of(ExchangeGrants.of(exchange, scopes, null, null), CREDENTIAL, clock.instant());
  }

  private List<String> sent(
      UpstreamGrant grant,
      ClientAuthentication authentication,
      Supply.Exchange exchange,
      List<String> scopes) {
    return parameters(request(grant, authentication, exchange, scopes));
  }

  private PeerRequest request(
      UpstreamGrant grant,
      ClientAuthentication authentication,
      Supply.Exchange exchange,
      List<String> scopes) {
    return request(definition(grant, authentication, RequestEncoding.FORM), exchange, scopes);
  }

  private PeerRequest json(UpstreamGrant grant, Supply.Exchange exchange) {
    ClientAuthentication nobody = new ClientAuthentication.NoAuthentication(null);
    return request(definition(grant, nobody, RequestEncoding.JSON), exchange, List.of());
  }

  private static UpstreamDefinition definition(
      UpstreamGrant grant, ClientAuthentication authentication, RequestEncoding encoding) {
    return new UpstreamDefinition(
        "corp-sso",
        null,
        ENDPOINT,
        Set.of(),
        new StsKind(grant, authentication, encoding, null),
        null);
  }

  private PeerRequest request(
      UpstreamDefinition upstream, Supply.Exchange exchange, List<String> scopes) {
    StsKind kind = (StsKind) upstream.kind();
    TokenForm form = TokenForm.of(kind.grant(), wanted(exchange, scopes));
    ClientProof.of(kind.authentication(), upstream, clock, ChangeListener.NONE)
        .addTo(form, ENDPOINT, CREDENTIAL);
    return form.to(ENDPOINT, upstream, kind.encoding());
  }

  private SignedJWT assertion(KeyPair key, @Nullable String keyId, @Nullable String issuer)
      throws Exception {
    return SignedJWT.parse(assertion(signing(key, keyId, issuer)));
  }

  private ClientProof signing(KeyPair key, @Nullable String keyId, @Nullable String issuer) {
    Path file = write("client.pem", TestKeyFiles.pem(key.getPrivate()));
    ClientAuthentication own = new ClientAuthentication.PrivateKeyJwt("broker", file, keyId);
    return ClientProof.of(
        own,
        TestUpstreams.of(
            issuer, issuer == null ? ENDPOINT : null, UpstreamGrant.CLIENT_CREDENTIALS, own, null),
        clock,
        ChangeListener.NONE);
  }

  private static String assertion(ClientProof proof) {
    TokenForm form = new TokenForm();
    proof.addTo(form, ENDPOINT, CREDENTIAL);
    List<String> parameters =
        parameters(form.to(ENDPOINT, TestUpstreams.at(ENDPOINT), RequestEncoding.FORM));
    assertThat(parameters)
        .startsWith(
            "client_id=broker",
            "client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    return parameters.get(2).substring("client_assertion=".length());
  }

  private static String id(String assertion) {
    return Unchecked.get(() -> SignedJWT.parse(assertion).getJWTClaimsSet().getJWTID());
  }

  private static boolean isSignedBy(KeyPair key, SignedJWT jwt) throws Exception {
    return jwt.verify(
        new DefaultJWSVerifierFactory().createJWSVerifier(jwt.getHeader(), key.getPublic()));
  }

  private static List<String> parameters(PeerRequest request) {
    return Stream.of(new String(request.body(), US_ASCII).split("&", -1))
        .map(parameter -> URLDecoder.decode(parameter, UTF_8))
        .toList();
  }

  private Path secret(String content) {
    return write("secret", content);
  }

  private Path write(String name, String content) {
    return Unchecked.get(() -> Files.writeString(directory.resolve(name), content));
  }
}
