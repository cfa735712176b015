package dev.tokenbroker.interop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.judge.issuer.FakeIssuer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An OAuth client in Node by openid-client, and a service that introspects and revokes with a
 * secret.
 */
@Tag("interop")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OpenidClientIT {

  private static final String EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
  private static final String SECRET = "0123456789abcdef-0123456789-gateway";

  private final FakeIssuer issuer = FakeIssuer.start();
  private final FakeIssuer down = FakeIssuer.start();

  // Both are there before the first test.
  @SuppressWarnings("NullAway.Init")
  private InteropBroker broker;

  @SuppressWarnings("NullAway.Init")
  private InteropProgram client;

  @BeforeAll
  void start(@TempDir Path directory) throws IOException {
    down.answer(FakeIssuer.Answer.SERVER_ERROR);
    Path secret = Files.writeString(directory.resolve("gateway"), SECRET + "\n");
    broker =
        InteropBroker.start(
            directory,
            InteropFederation.of(Map.of("good", issuer, "down", down))
                + "clients: [{name: gateway, secretFile: '%s', may: [introspect, revoke]}]\n"
                    .formatted(secret),
            Map.of());
    client = InteropProgram.node("openid.mjs", broker);
  }

  @AfterAll
  void stop() {
    client.close();
    broker.close();
    issuer.close();
    down.close();
  }

  // --- the client

  @ParameterizedTest
  @ValueSource(strings = {"oidc", "oauth2"})
  void finds_the_endpoints_by_either_convention(String convention) {
    Answer found = client.ask("discover", Map.of("issuer", broker.url(), "algorithm", convention));

    assertThat(found.text("token_endpoint")).isEqualTo(broker.url() + "/token");
    assertThat(found.text("introspection_endpoint")).isEqualTo(broker.url() + "/introspect");
    assertThat(found.text("revocation_endpoint")).isEqualTo(broker.url() + "/revoke");
  }

  @Test
  void exchanges_a_credential_without_authentication() {
    Answer granted = exchange(issuer.credential());

    assertThat(granted.text("value", "access_token")).as("%s", granted).startsWith("eyJ");
    assertThat(granted.text("value", "token_type")).isEqualTo("bearer");
    assertThat(granted.text("value", "scope")).isEqualTo("read");
  }

  @Test
  void is_told_the_error_and_the_reason() {
    Answer refused =
        exchange(
            issuer.credential(claims -> claims.put("exp", Instant.now().getEpochSecond() - 3600)));

    assertThat(refused.text("error")).isEqualTo("OAUTH_RESPONSE_BODY_ERROR");
    assertThat(refused.text("status")).isEqualTo("400");
    assertThat(refused.text("body", "error")).isEqualTo("invalid_request");
    assertThat(refused.text("body", "reason")).isEqualTo("CREDENTIAL_EXPIRED");
  }

  @Test
  void is_told_when_to_come_back() {
    Answer refused = exchange(down.credential());

    assertThat(refused.text("status")).isEqualTo("503");
    assertThat(refused.text("retryAfter")).matches("[1-9]\\d*");
  }

  // --- the service

  @ParameterizedTest
  @ValueSource(strings = {"basic", "post"})
  void introspects_and_revokes_with_its_secret(String authentication) {
    String token = exchange(issuer.credential()).text("value", "access_token");
    service(authentication, SECRET);

    Answer active = introspect(token);

    assertThat(active.text("value", "active")).as("%s", active).isEqualTo("true");
    assertThat(active.text("value", "iss")).isEqualTo(broker.url());
    assertThat(active.text("value", "aud")).isEqualTo(InteropFederation.TARGET);
    assertThat(revoke(token).text("value")).isEqualTo("revoked");
    assertThat(introspect(token).object("value")).isEqualTo(Map.of("active", false));
  }

  @ParameterizedTest
  @ValueSource(strings = {"basic", "post"})
  void is_refused_with_a_wrong_secret(String authentication) {
    String token = exchange(issuer.credential()).text("value", "access_token");
    service(authentication, SECRET + "-not");

    for (Answer refused : List.of(introspect(token), revoke(token))) {
      assertThat(refused.text("error")).isEqualTo("OAUTH_WWW_AUTHENTICATE_CHALLENGE");
      assertThat(refused.text("status")).isEqualTo("401");
    }
    service(authentication, SECRET);
    assertThat(introspect(token).text("value", "active")).isEqualTo("true");
  }

  @Test
  void is_refused_without_a_secret() {
    String token = exchange(issuer.credential()).text("value", "access_token");

    Answer refused = introspect(token);

    assertThat(refused.text("status")).isEqualTo("401");
  }

  private Answer exchange(String credential) {
    client.ask("discover", Map.of("issuer", broker.url()));
    Map<String, String> parameters = new HashMap<>();
    parameters.put("subject_token", credential);
    parameters.put("subject_token_type", "urn:ietf:params:oauth:token-type:jwt");
    parameters.put("audience", InteropFederation.TARGET);
    parameters.put("scope", "read");
    return client.ask("token", Map.of("grantType", EXCHANGE, "parameters", parameters));
  }

  private void service(String authentication, String secret) {
    client.ask(
        "discover",
        Map.of(
            "issuer",
            broker.url(),
            "client",
            "gateway",
            "authentication",
            authentication,
            "secret",
            secret));
  }

  private Answer introspect(String token) {
    return client.ask("introspect", Map.of("token", token));
  }

  private Answer revoke(String token) {
    return client.ask("revoke", Map.of("token", token));
  }
}
