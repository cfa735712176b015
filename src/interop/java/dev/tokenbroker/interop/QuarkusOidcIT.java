package dev.tokenbroker.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.oauth2.sdk.JWTBearerGrant;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.TokenResponse;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A workload and a service with the OIDC extensions of Quarkus, in an application of their own. */
@Tag("interop")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class QuarkusOidcIT {

  private static final String CLIENT = InteropFederation.GATEWAY;
  private static final String SECRET = "0123456789abcdef0123456789abcdef";

  private final FakeIssuer issuer = FakeIssuer.start();
  private final HttpClient http = HttpClient.newHttpClient();

  // All are there before the first test.
  @SuppressWarnings("NullAway.Init")
  private InteropBroker broker;

  @SuppressWarnings("NullAway.Init")
  private JarProgram program;

  @BeforeAll
  void start(@TempDir Path directory) throws Exception {
    Path secret = Files.writeString(directory.resolve("secret"), SECRET);
    String federation =
        InteropFederation.withGateway(InteropFederation.of(Map.of("good", issuer)), secret);
    broker = InteropBroker.start(directory, federation, Map.of());
    program = JarProgram.quarkus(settings(SECRET));
  }

  @AfterAll
  void stop() {
    program.close();
    broker.close();
    issuer.close();
    http.close();
  }

  @Test
  void gets_a_token_by_exchange() throws Exception {
    HttpResponse<String> token = exchange(program, issuer.credential());

    assertThat(token.statusCode()).as("%s", token.body()).isEqualTo(200);
    SignedJWT jwt = SignedJWT.parse(token.body());
    assertThat(jwt.getJWTClaimsSet().getAudience()).containsExactly(InteropFederation.TARGET);
    assertThat(jwt.getJWTClaimsSet().getStringClaim("scope")).isEqualTo("read");
  }

  @Test
  void gets_a_token_for_a_credential_that_ends_with_a_newline() throws Exception {
    assertThat(exchange(program, issuer.credential() + "\n").statusCode()).isEqualTo(200);
  }

  @Test
  void gets_a_token_by_the_credential_in_a_file(@TempDir Path directory) throws Exception {
    Path file = Files.writeString(directory.resolve("credential.jwt"), issuer.credential() + "\n");
    Map<String, String> settings = settings(SECRET);
    settings.putAll(
        Documented.settings(
            "use/oauth-clients.md",
            "credentials.jwt.source=bearer",
            Map.of(
                Documented.ADDRESS,
                broker.url(),
                "/var/run/secrets/broker/credential.jwt",
                file.toString())));
    try (JarProgram byFile = JarProgram.quarkus(settings)) {
      HttpResponse<String> token = exchange(byFile, "");

      assertThat(token.statusCode()).as("%s", token.body()).isEqualTo(200);
      SignedJWT jwt = SignedJWT.parse(token.body());
      assertThat(jwt.getJWTClaimsSet().getAudience()).containsExactly(InteropFederation.TARGET);
      assertThat(jwt.getJWTClaimsSet().getSubject())
          .isEqualTo("repo:acme/payments:ref:refs/heads/main");
    }
  }

  @Test
  void is_refused_a_credential_that_is_none_and_shows_the_reason() throws Exception {
    HttpResponse<String> refused = exchange(program, "none");

    assertThat(refused.statusCode()).isEqualTo(502);
    assertThat(refused.body()).contains("invalid_request", "CREDENTIAL_MALFORMED", "verdict_id");
  }

  @Test
  void verifies_a_token_with_the_keys_that_discovery_names() throws Exception {
    HttpResponse<String> verified = call(program, "/verified", granted());

    assertThat(verified.statusCode()).isEqualTo(200);
    assertThat(verified.body()).isEqualTo("repo:acme/payments:ref:refs/heads/main");
  }

  @Test
  void introspects_a_token_with_the_secret_of_a_client() throws Exception {
    HttpResponse<String> introspected = call(program, "/introspected", granted());

    assertThat(introspected.statusCode()).isEqualTo(200);
    assertThat(introspected.body()).isEqualTo("repo:acme/payments:ref:refs/heads/main");
  }

  @Test
  void refuses_a_token_for_another_service() throws Exception {
    String token = grantedForOrders();

    assertThat(call(program, "/verified", token).statusCode()).isEqualTo(401);
    assertThat(call(program, "/introspected", token).statusCode()).isEqualTo(401);
  }

  @Test
  void refuses_a_text_that_is_no_token() throws Exception {
    assertThat(call(program, "/verified", "none").statusCode()).isEqualTo(401);
    assertThat(call(program, "/introspected", "none").statusCode()).isEqualTo(401);
  }

  @Test
  void with_a_wrong_secret_it_refuses_every_token() throws Exception {
    try (JarProgram wrong = JarProgram.quarkus(settings("wrong-" + SECRET))) {
      assertThat(call(wrong, "/introspected", granted()).statusCode()).isEqualTo(401);
      assertThat(call(wrong, "/verified", granted()).statusCode()).isEqualTo(200);
    }
  }

  private Map<String, String> settings(String secret) {
    Map<String, String> settings = new HashMap<>();
    settings.put("quarkus.tls.broker.trust-store.pem.certs", broker.root().toString());
    for (String part : new String[] {"oidc-client", "oidc", "oidc.introspected"}) {
      settings.put("quarkus." + part + ".auth-server-url", broker.url());
      settings.put("quarkus." + part + ".tls.tls-configuration-name", "broker");
    }
    settings.put("quarkus.oidc.introspected.client-id", CLIENT);
    settings.put("quarkus.oidc.introspected.credentials.secret", secret);
    return settings;
  }

  private String granted() throws Exception {
    return exchange(program, issuer.credential()).body();
  }

  /** A token that the application cannot request: its settings name one target. */
  private String grantedForOrders() throws Exception {
    HTTPRequest request =
        new TokenRequest.Builder(
                URI.create(broker.url() + "/token"),
                new JWTBearerGrant(SignedJWT.parse(issuer.credential())))
            .resource(URI.create(InteropFederation.RESOURCE))
            .build()
            .toHTTPRequest();
    request.setSSLSocketFactory(broker.trust().getSocketFactory());
    return TokenResponse.parse(request.send())
        .toSuccessResponse()
        .getTokens()
        .getAccessToken()
        .getValue();
  }

  private HttpResponse<String> exchange(JarProgram to, String credential)
      throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(to.uri().resolve("/token"))
            .POST(BodyPublishers.ofString(credential))
            .build(),
        BodyHandlers.ofString());
  }

  private HttpResponse<String> call(JarProgram to, String path, String token)
      throws IOException, InterruptedException {
    URI uri = to.uri().resolve(path);
    return http.send(
        HttpRequest.newBuilder(uri).header("Authorization", "Bearer " + token).build(),
        BodyHandlers.ofString());
  }
}
