package dev.tokenbroker.interop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.judge.issuer.FakeIssuer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Services in Node that introspect and revoke, and clients whose tokens are bound to a key, all by
 * oauth4webapi. Proofs must have a nonce.
 */
@Tag("interop")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class Oauth4webapiServiceIT {

  private static final String ITSELF = "token-broker";

  private final FakeIssuer issuer = FakeIssuer.start();

  // Both are there before the first test.
  @SuppressWarnings("NullAway.Init")
  private InteropBroker broker;

  @SuppressWarnings("NullAway.Init")
  private InteropProgram client;

  @BeforeAll
  void start(@TempDir Path directory) {
    broker =
        InteropBroker.start(
            directory,
            InteropFederation.of(Map.of("good", issuer)),
            Map.of("token-broker.dpop.nonce-required", "true"));
    client = program();
  }

  @AfterAll
  void stop() {
    client.close();
    broker.close();
    issuer.close();
  }

  // --- introspection and revocation

  @Test
  void learns_what_a_token_is_until_it_is_revoked() {
    String token = granted(token(client, "user", InteropFederation.TARGET, false));
    String service = gateway();

    Answer active = introspect(token, service);

    assertThat(active.text("value", "active")).as("%s", active).isEqualTo("true");
    assertThat(active.text("value", "token_type")).isEqualTo("Bearer");
    assertThat(active.text("value", "scope")).isEqualTo("deploy read");
    assertThat(active.text("value", "iss")).isEqualTo(broker.url());
    assertThat(active.text("value", "aud")).isEqualTo(InteropFederation.TARGET);
    assertThat(active.text("value", "sub")).isEqualTo("user");

    assertThat(revoke(token, service).text("value", "status")).isEqualTo("200");
    assertThat(introspect(token, service).object("value")).isEqualTo(Map.of("active", false));
    assertThat(revoke(token, service).text("value", "status")).isEqualTo("200");
  }

  @Test
  void learns_nothing_of_what_is_no_token_of_the_broker() {
    for (String other : new String[] {issuer.credential(), "none"}) {
      assertThat(introspect(other, gateway()).object("value")).isEqualTo(Map.of("active", false));
      assertThat(revoke(other, gateway()).text("value", "status")).isEqualTo("200");
    }
  }

  @Test
  void is_challenged_where_it_does_not_say_who_it_is() {
    String token = granted(token(client, "user", InteropFederation.TARGET, false));

    for (Answer refused : new Answer[] {introspect(token, ""), revoke(token, "")}) {
      assertThat(refused.text("error")).isEqualTo("OAUTH_WWW_AUTHENTICATE_CHALLENGE");
      assertThat(refused.text("status")).isEqualTo("401");
      assertThat(refused.text("challenges", 0, "scheme")).isEqualTo("bearer");
    }
    assertThat(introspect(token, gateway()).text("value", "active")).isEqualTo("true");
  }

  @Test
  void is_told_that_its_own_token_does_not_suffice() {
    String operator = granted(token(client, "operator", ITSELF, false));

    Answer refused = introspect(operator, operator);

    assertThat(refused.text("status")).isEqualTo("403");
    assertThat(refused.text("challenges", 0, "parameters", "error"))
        .isEqualTo("insufficient_scope");
  }

  // --- tokens that are bound to a key

  @Test
  void proves_its_key_with_the_nonce_that_it_is_given() {
    try (InteropProgram fresh = program()) {
      Answer refused = token(fresh, "user", InteropFederation.TARGET, true);
      assertThat(refused.text("nonceWanted")).as("%s", refused).isEqualTo("true");

      Answer granted = token(fresh, "user", InteropFederation.TARGET, true);

      assertThat(granted.text("value", "token_type")).as("%s", granted).isEqualTo("dpop");
      String thumbprint = fresh.ask("thumbprint", Map.of()).text("value");
      assertThat(validate(fresh, granted, true).text("value", "cnf", "jkt")).isEqualTo(thumbprint);
      assertThat(validate(fresh, granted, false).text("error")).isNotEmpty();
      Answer active = introspect(granted(granted), gateway());
      assertThat(active.text("value", "token_type")).isEqualTo("DPoP");
      assertThat(active.text("value", "cnf", "jkt")).isEqualTo(thumbprint);
    }
  }

  @Test
  void introspects_by_a_token_that_is_bound_and_by_its_key_only() {
    String token = granted(token(client, "user", InteropFederation.TARGET, false));
    try (InteropProgram fresh = program()) {
      token(fresh, "gateway", ITSELF, true); // which brings the nonce
      String service = granted(token(fresh, "gateway", ITSELF, true));

      Answer active = fresh.ask("introspectBound", Map.of("token", token, "by", service));
      assertThat(active.text("value", "active")).as("%s", active).isEqualTo("true");

      Answer stolen = introspect(token, service);
      assertThat(stolen.text("status")).isEqualTo("401");
      try (InteropProgram thief = program()) {
        Answer nonce = thief.ask("introspectBound", Map.of("token", token, "by", service));
        assertThat(nonce.text("nonceWanted")).as("%s", nonce).isEqualTo("true");
        Answer refused = thief.ask("introspectBound", Map.of("token", token, "by", service));
        assertThat(refused.text("status")).isEqualTo("401");
        assertThat(refused.text("challenges", 0, "scheme")).isEqualTo("dpop");
        assertThat(refused.text("challenges", 0, "parameters", "error")).isEqualTo("invalid_token");
      }
    }
  }

  private InteropProgram program() {
    InteropProgram program = InteropProgram.node("oauth.mjs", broker);
    program.ask("discover", Map.of("issuer", broker.url(), "algorithm", "oauth2"));
    return program;
  }

  private String gateway() {
    return granted(token(client, "gateway", ITSELF, false));
  }

  private Answer token(InteropProgram program, String subject, String audience, boolean bound) {
    Map<String, String> parameters = new HashMap<>();
    parameters.put("subject_token", issuer.credential(claims -> claims.put("sub", subject)));
    parameters.put("subject_token_type", "urn:ietf:params:oauth:token-type:jwt");
    parameters.put("audience", audience);
    return program.ask(
        "token",
        Map.of(
            "grantType",
            "urn:ietf:params:oauth:grant-type:token-exchange",
            "parameters",
            parameters,
            "bound",
            bound));
  }

  private static String granted(Answer answer) {
    String token = answer.text("value", "access_token");
    assertThat(token).as("%s", answer).isNotEmpty();
    return token;
  }

  private static Answer validate(InteropProgram program, Answer granted, boolean bound) {
    return program.ask(
        "validate",
        Map.of("token", granted(granted), "audience", InteropFederation.TARGET, "bound", bound));
  }

  private Answer introspect(String token, String by) {
    return client.ask("introspect", Map.of("token", token, "by", by));
  }

  private Answer revoke(String token, String by) {
    return client.ask("revoke", Map.of("token", token, "by", by));
  }
}
