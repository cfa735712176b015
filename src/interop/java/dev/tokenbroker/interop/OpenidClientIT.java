package dev.tokenbroker.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.SignedJWT;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.peers.http.FakeServer;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
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

  /** As {@code openssl rand -base64 32} prints one: the library encodes it for {@code Basic}. */
  private static final String SECRET = "3/r+Zk1yVw0pQm7c8Hj2uT5xNfB9sLdE4gKaRvYo6iA=";

  private static final String REFUSING = "refusing-api";

  private final FakeIssuer issuer = FakeIssuer.start();
  private final FakeIssuer down = FakeIssuer.start();
  private final ClientKey key = ClientKey.generate();
  private final FakeServer upstream =
      FakeServer.start(
          request ->
              Reply.of(
                  400,
                  Map.of("Content-Type", "application/json"),
                  "{\"error\":\"invalid_grant\"}"));

  // Both are there before the first test.
  @SuppressWarnings("NullAway.Init")
  private InteropBroker broker;

  @SuppressWarnings("NullAway.Init")
  private InteropProgram client;

  @BeforeAll
  void start(@TempDir Path directory) throws IOException {
    down.answer(FakeIssuer.Answer.SERVER_ERROR);
    Path secret = Files.writeString(directory.resolve("gateway"), SECRET + "\n");
    broker = InteropBroker.start(directory, federation(secret), Map.of());
    client = InteropProgram.node("openid.mjs", broker);
  }

  private String federation(Path secret) {
    String document = InteropFederation.of(Map.of("good", issuer, "down", down));
    document = InteropFederation.withGateway(document, secret);
    document = key.registeredIn(document, InteropFederation.TARGET);
    String there =
        "{name: there, tokenEndpoint: '%s/token', clientAuthentication: none}"
            .formatted(upstream.origin());
    document = InteropFederation.with(document, "upstreams", there);
    document =
        InteropFederation.with(
            document, "targets", "{audience: %s, exchange: {upstream: there}}".formatted(REFUSING));
    return InteropFederation.with(
        document,
        "rules",
        "{name: there, issuer: good, client: %s, audience: %s, when: 'true', scopes: [read]}"
            .formatted(InteropFederation.GATEWAY, REFUSING));
  }

  @AfterAll
  void stop() {
    client.close();
    broker.close();
    upstream.close();
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

  // --- the registered client

  @ParameterizedTest
  @ValueSource(strings = {"basic", "post"})
  void exchanges_a_credential_as_a_client_with_a_secret(String authentication) throws Exception {
    authenticate(InteropFederation.GATEWAY, authentication, SECRET);

    Answer granted = token(issuer.credential(), InteropFederation.RESTRICTED);

    assertThat(claim(granted, "client_id")).isEqualTo(InteropFederation.GATEWAY);
    assertThat(claim(granted, "sub")).isEqualTo("repo:acme/payments:ref:refs/heads/main");
  }

  @ParameterizedTest
  @ValueSource(strings = {"basic", "post"})
  void is_refused_an_exchange_with_a_wrong_secret(String authentication) {
    authenticate(InteropFederation.GATEWAY, authentication, SECRET + "-not");

    Answer refused = token(issuer.credential(), InteropFederation.RESTRICTED);

    assertThat(refused.text("status")).as("%s", refused).isEqualTo("401");
  }

  @Test
  void is_refused_a_target_that_only_a_client_may_have() {
    client.ask("discover", Map.of("issuer", broker.url()));

    Answer refused = token(issuer.credential(), InteropFederation.RESTRICTED);

    assertThat(refused.text("body", "error")).as("%s", refused).isEqualTo("unauthorized_client");
    assertThat(refused.text("body", "reason")).isEqualTo("CLIENT_NOT_ADMITTED");
  }

  @Test
  void a_client_with_a_secret_alone_has_no_credential() {
    authenticate(InteropFederation.GATEWAY, "basic", SECRET);

    Answer refused = credentials();

    assertThat(refused.text("body", "error")).as("%s", refused).isEqualTo("unauthorized_client");
  }

  @Test
  void gets_a_token_by_its_own_key_and_exchanges_with_it() throws Exception {
    authenticate(ClientKey.CLIENT, "key", key.pem());

    assertThat(claim(credentials(), "sub")).isEqualTo("client:" + ClientKey.CLIENT);
    assertThat(claim(token(issuer.credential(), InteropFederation.TARGET), "client_id"))
        .isEqualTo(ClientKey.CLIENT);
  }

  @Test
  void is_refused_with_the_key_of_another() {
    authenticate(ClientKey.CLIENT, "key", ClientKey.generate().pem());

    Answer refused = credentials();

    assertThat(refused.text("status")).as("%s", refused).isEqualTo("401");
    assertThat(refused.text("body", "error")).isEqualTo("invalid_client");
  }

  /** As gateways do that retry each failure. */
  @Test
  void a_client_that_repeats_a_refusal_adds_no_upstream_request() {
    authenticate(InteropFederation.GATEWAY, "post", SECRET);
    String credential = issuer.credential();

    for (int attempt = 0; attempt < 5; attempt++) {
      Answer refused = token(credential, REFUSING);

      assertThat(refused.text("body", "reason"))
          .as("%s", refused)
          .isEqualTo("UPSTREAM_CREDENTIAL_REFUSED");
    }
    assertThat(upstream.requests()).hasSize(1);
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
    return token(credential, InteropFederation.TARGET);
  }

  private Answer token(String credential, String audience) {
    Map<String, String> parameters = new HashMap<>();
    parameters.put("subject_token", credential);
    parameters.put("subject_token_type", "urn:ietf:params:oauth:token-type:jwt");
    parameters.put("audience", audience);
    parameters.put("scope", "read");
    return client.ask("token", Map.of("grantType", EXCHANGE, "parameters", parameters));
  }

  private Answer credentials() {
    Map<String, String> parameters = Map.of("audience", InteropFederation.TARGET, "scope", "read");
    return client.ask("credentials", Map.of("parameters", parameters));
  }

  private static String claim(Answer granted, String name) throws ParseException {
    String token = granted.text("value", "access_token");
    assertThat(token).as("%s", granted).isNotEmpty();
    return SignedJWT.parse(token).getJWTClaimsSet().getStringClaim(name);
  }

  private void service(String authentication, String secret) {
    authenticate(InteropFederation.GATEWAY, authentication, secret);
  }

  private void authenticate(String name, String authentication, String secret) {
    Map<String, String> settings = new HashMap<>();
    settings.put("issuer", broker.url());
    settings.put("client", name);
    settings.put("authentication", authentication);
    settings.put("secret", secret);
    client.ask("discover", settings);
  }

  private Answer introspect(String token) {
    return client.ask("introspect", Map.of("token", token));
  }

  private Answer revoke(String token) {
    return client.ask("revoke", Map.of("token", token));
  }
}
