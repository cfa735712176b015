package dev.tokenbroker.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import com.google.api.client.http.HttpResponseException;
import com.google.api.client.http.javanet.NetHttpTransport;
import com.google.auth.oauth2.AccessToken;
import com.google.auth.oauth2.ExternalAccountCredentials;
import com.google.auth.oauth2.IdentityPoolCredentials;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.oauth2.sdk.util.URLUtils;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.peers.http.FakeServer;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import dev.tokenbroker.peers.http.FakeServer.Request;
import dev.tokenbroker.peers.trust.TestTls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A workload with Google's auth library for Java and an {@code external_account} configuration. */
@Tag("interop")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GoogleAuthIT {

  private static final String GRANT = "urn:ietf:params:oauth:grant-type:token-exchange";
  private static final String JWT = "urn:ietf:params:oauth:token-type:jwt";
  private static final String ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";

  private final FakeIssuer issuer = FakeIssuer.start();

  // Both are there before the first test.
  @SuppressWarnings("NullAway.Init")
  private InteropBroker broker;

  @SuppressWarnings("NullAway.Init")
  private Path credential;

  @BeforeAll
  void start(@TempDir Path directory) throws Exception {
    broker = InteropBroker.start(directory, InteropFederation.of(Map.of("good", issuer)), Map.of());
    credential = directory.resolve("credential.jwt");
    Files.writeString(credential, issuer.credential() + "\n");
  }

  @AfterAll
  void stop() {
    broker.close();
    issuer.close();
  }

  @Test
  void gets_a_token_for_a_file_that_ends_with_a_newline() throws Exception {
    AccessToken token = toBroker(InteropFederation.TARGET, "read").refreshAccessToken();

    JWTClaimsSet claims = SignedJWT.parse(token.getTokenValue()).getJWTClaimsSet();
    assertThat(claims.getAudience()).containsExactly(InteropFederation.TARGET);
    assertThat(claims.getStringClaim("scope")).isEqualTo("read");
    assertThat(requireNonNull(token.getExpirationTime()).toInstant())
        .isBetween(Instant.now(), Instant.now().plus(Duration.ofMinutes(6)));
  }

  @Test
  void attaches_the_token_to_the_calls_to_the_target() throws Exception {
    Map<String, List<String>> headers =
        toBroker(InteropFederation.TARGET, "read", "deploy").getRequestMetadata();

    assertThat(headers.get("Authorization")).singleElement().asString().startsWith("Bearer ey");
  }

  @Test
  void is_refused_a_target_that_does_not_exist_and_shows_the_error() {
    assertThatThrownBy(() -> toBroker("payments-apo", "read").refreshAccessToken())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("Error code invalid_target: TARGET_UNKNOWN: There is no such target")
        .cause()
        .asInstanceOf(type(HttpResponseException.class))
        .satisfies(response -> assertThat(response.getContent()).contains("TARGET_UNKNOWN"));
  }

  @Test
  void is_refused_without_scopes_because_it_requests_that_of_google() {
    assertThatThrownBy(() -> toBroker(InteropFederation.TARGET).refreshAccessToken())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("invalid_scope")
        .cause()
        .hasMessageContaining("https://www.googleapis.com/auth/cloud-platform");
  }

  /** Google's libraries for other languages authenticate with it, and the broker refuses that. */
  @Test
  void does_not_authenticate_even_with_a_client_id() throws Exception {
    Map<String, Object> client = Map.of("client_id", "any", "client_secret", "any");

    AccessToken token =
        credentials(broker.url(), broker.trust(), InteropFederation.TARGET, client, "read")
            .refreshAccessToken();

    assertThat(token.getTokenValue()).isNotEmpty();
  }

  @Test
  void gets_a_token_of_google_through_the_broker(@TempDir Path directory) throws Exception {
    try (GoogleSts google = new GoogleSts();
        InteropBroker exchanging = google.start(directory, issuer)) {
      NetHttpTransport transport = trusting(exchanging.trust());

      AccessToken token =
          ExternalAccountCredentials.fromStream(
                  new ByteArrayInputStream(
                      GoogleSts.account(exchanging, credential).getBytes(UTF_8)),
                  () -> transport)
              .refreshAccessToken();

      assertThat(token.getTokenValue()).isEqualTo(GoogleSts.TOKEN);
    }
  }

  @Test
  void sends_these_fields_and_headers() throws Exception {
    TestTls authority = TestTls.generate();
    String granted =
        """
        {"access_token":"t","issued_token_type":"%s","token_type":"Bearer","expires_in":60}"""
            .formatted(ACCESS_TOKEN);
    try (FakeServer server =
        FakeServer.startTls(
            authority.server("localhost"),
            request -> Reply.of(200, Map.of("Content-Type", "application/json"), granted))) {
      SSLContext trust = TestTls.client(authority.rootPem(), "TLS");

      credentials(server.origin(), trust, InteropFederation.TARGET, Map.of(), "deploy", "read")
          .refreshAccessToken();

      Request sent = server.requests().getLast();
      assertThat(sent.method() + " " + sent.target()).isEqualTo("POST /token");
      assertThat(sent.headers()).doesNotContainKey("authorization");
      assertThat(sent.headers().get("content-type"))
          .startsWith("application/x-www-form-urlencoded");
      assertThat(sent.headers().get("x-goog-api-client"))
          .contains("google-byoid-sdk source/file sa-impersonation/false");
      assertThat(URLUtils.parseParameters(sent.body()))
          .containsExactlyInAnyOrderEntriesOf(
              Map.of(
                  "grant_type", List.of(GRANT),
                  "subject_token_type", List.of(JWT),
                  "subject_token", List.of(Files.readString(credential)),
                  "requested_token_type", List.of(ACCESS_TOKEN),
                  "audience", List.of(InteropFederation.TARGET),
                  "scope", List.of("deploy read")));
    }
  }

  private IdentityPoolCredentials toBroker(String audience, String... scopes) throws IOException {
    return credentials(broker.url(), broker.trust(), audience, Map.of(), scopes);
  }

  /** Reads a configuration as Google's tools write it; only its addresses are ours. */
  private IdentityPoolCredentials credentials(
      String server, SSLContext trust, String audience, Map<String, Object> more, String... scopes)
      throws IOException {
    Map<String, Object> configuration = JSONObjectUtils.newJSONObject();
    configuration.put("type", "external_account");
    configuration.put("audience", audience);
    configuration.put("subject_token_type", JWT);
    configuration.put("token_url", server + "/token");
    configuration.put("credential_source", Map.of("file", credential.toString()));
    configuration.putAll(more);
    NetHttpTransport transport = trusting(trust);
    IdentityPoolCredentials credentials =
        (IdentityPoolCredentials)
            ExternalAccountCredentials.fromStream(
                new ByteArrayInputStream(
                    JSONObjectUtils.toJSONString(configuration).getBytes(UTF_8)),
                () -> transport);
    return scopes.length == 0 ? credentials : credentials.createScoped(List.of(scopes));
  }

  private static NetHttpTransport trusting(SSLContext trust) {
    return new NetHttpTransport.Builder().setSslSocketFactory(trust.getSocketFactory()).build();
  }
}
