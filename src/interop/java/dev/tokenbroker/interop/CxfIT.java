package dev.tokenbroker.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import com.nimbusds.jwt.SignedJWT;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import jakarta.ws.rs.core.Form;
import jakarta.ws.rs.core.MultivaluedMap;
import java.io.Serial;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.cxf.configuration.jsse.TLSClientParameters;
import org.apache.cxf.jaxrs.client.WebClient;
import org.apache.cxf.rs.security.oauth2.client.Consumer;
import org.apache.cxf.rs.security.oauth2.client.OAuthClientUtils;
import org.apache.cxf.rs.security.oauth2.common.AccessTokenGrant;
import org.apache.cxf.rs.security.oauth2.common.ClientAccessToken;
import org.apache.cxf.rs.security.oauth2.grants.jwt.JwtBearerGrant;
import org.apache.cxf.rs.security.oauth2.provider.OAuthJSONProvider;
import org.apache.cxf.rs.security.oauth2.provider.OAuthServiceException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A workload with the OAuth client of Apache CXF. */
@Tag("interop")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CxfIT {

  private static final Map<String, String> AUDIENCE = Map.of("audience", InteropFederation.TARGET);

  private final FakeIssuer issuer = FakeIssuer.start();

  // It is there before the first test.
  @SuppressWarnings("NullAway.Init")
  private InteropBroker broker;

  @BeforeAll
  void start(@TempDir Path directory) {
    broker = InteropBroker.start(directory, InteropFederation.of(Map.of("good", issuer)), Map.of());
  }

  @AfterAll
  void stop() {
    broker.close();
    issuer.close();
  }

  @Test
  void gets_a_token_for_an_assertion() throws Exception {
    ClientAccessToken token =
        OAuthClientUtils.getAccessToken(
            endpoint(), new JwtBearerGrant(issuer.credential(), "read"), AUDIENCE);

    assertGranted(token);
    assertThat(OAuthClientUtils.createAuthorizationHeader(token))
        .isEqualTo("Bearer " + token.getTokenKey());
  }

  @Test
  void gets_a_token_by_exchange() throws Exception {
    ClientAccessToken token =
        OAuthClientUtils.getAccessToken(
            endpoint(), new TokenExchange(issuer.credential(), "read"), AUDIENCE);

    assertGranted(token);
    assertThat(token.getParameters())
        .containsEntry("issued_token_type", "urn:ietf:params:oauth:token-type:access_token")
        .containsKeys("refresh_in", "verdict_id");
  }

  @Test
  void may_name_a_client_without_a_secret() throws Exception {
    ClientAccessToken token =
        OAuthClientUtils.getAccessToken(
            endpoint(),
            new Consumer("interop"),
            new TokenExchange(issuer.credential(), "read"),
            AUDIENCE,
            false);

    assertGranted(token);
  }

  @Test
  void is_refused_with_a_secret() {
    assertRefused(
        "invalid_client",
        "",
        () ->
            OAuthClientUtils.getAccessToken(
                endpoint(),
                new Consumer("interop", "secret"),
                new TokenExchange(issuer.credential(), "read"),
                AUDIENCE,
                true));
  }

  @Test
  void is_refused_an_assertion_that_it_encodes_again() {
    assertRefused(
        "invalid_grant",
        "",
        () ->
            OAuthClientUtils.getAccessToken(
                endpoint(), new JwtBearerGrant(issuer.credential(), false), AUDIENCE));
  }

  @Test
  void is_refused_a_target_that_does_not_exist_and_parses_the_error() {
    assertRefused(
        "invalid_target",
        "There is no such target",
        () ->
            OAuthClientUtils.getAccessToken(
                endpoint(),
                new TokenExchange(issuer.credential(), "read"),
                Map.of("audience", "payments-apo")));
  }

  private void assertGranted(ClientAccessToken token) throws Exception {
    assertThat(token.getTokenType()).isEqualToIgnoringCase("Bearer");
    assertThat(token.getExpiresIn()).isBetween(1L, 300L);
    assertThat(token.getApprovedScope()).isEqualTo("read");
    assertThat(SignedJWT.parse(token.getTokenKey()).getJWTClaimsSet().getAudience())
        .containsExactly(InteropFederation.TARGET);
  }

  private static void assertRefused(String code, String description, Request request) {
    assertThatThrownBy(request::send)
        .asInstanceOf(type(OAuthServiceException.class))
        .satisfies(
            refused -> {
              assertThat(refused.getError().getError()).isEqualTo(code);
              assertThat(refused.getError().getErrorDescription())
                  .isNotEmpty()
                  .contains(description);
            });
  }

  private WebClient endpoint() {
    WebClient client = WebClient.create(broker.url() + "/token", List.of(new OAuthJSONProvider()));
    TLSClientParameters tls = new TLSClientParameters();
    tls.setSslContext(broker.trust());
    WebClient.getConfig(client).getHttpConduit().setTlsClientParameters(tls);
    return client.accept("application/json");
  }

  @FunctionalInterface
  private interface Request {
    ClientAccessToken send() throws OAuthServiceException;
  }

  /** The grant of RFC 8693, for which CXF has no class. */
  private record TokenExchange(String credential, String scope) implements AccessTokenGrant {

    @Serial private static final long serialVersionUID = 1;

    @Override
    public String getType() {
      return "urn:ietf:params:oauth:grant-type:token-exchange";
    }

    @Override
    public MultivaluedMap<String, String> toMap() {
      return new Form("grant_type", getType())
          .param("subject_token_type", "urn:ietf:params:oauth:token-type:jwt")
          .param("subject_token", credential)
          .param("scope", scope)
          .asMap();
    }
  }
}
