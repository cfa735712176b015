package dev.tokenbroker.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.SignedJWT;
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

/**
 * A workload in Node that gets its tokens by google-auth-library, with an {@code external_account}
 * whose credential is in a file. The file ends with a newline, which the library sends.
 */
@Tag("interop")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GoogleAuthNodeIT {

  private static final List<String> READ = List.of("read");

  /** As {@code openssl rand -base64 32} prints one: the library does not encode it. */
  private static final String SECRET = "3/r+Zk1yVw0pQm7c8Hj2uT5xNfB9sLdE4gKaRvYo6iA=";

  private final FakeIssuer issuer = FakeIssuer.start();
  private final FakeIssuer down = FakeIssuer.start();

  // All are there before the first test.
  @SuppressWarnings("NullAway.Init")
  private Path directory;

  @SuppressWarnings("NullAway.Init")
  private InteropBroker broker;

  @SuppressWarnings("NullAway.Init")
  private InteropProgram client;

  @BeforeAll
  void start(@TempDir Path own) throws IOException {
    directory = own;
    down.answer(FakeIssuer.Answer.SERVER_ERROR);
    Path secret = Files.writeString(own.resolve("gateway"), SECRET + "\n");
    String federation =
        InteropFederation.withGateway(
            InteropFederation.of(Map.of("good", issuer, "down", down)), secret);
    broker = InteropBroker.start(own, federation, Map.of());
    client = InteropProgram.node("google.mjs", broker);
  }

  @AfterAll
  void stop() {
    client.close();
    broker.close();
    issuer.close();
    down.close();
  }

  @Test
  void gets_a_token_with_the_scopes_that_it_names() throws Exception {
    account(issuer.credential(), Map.of("scopes", READ));

    Answer granted = token();

    assertThat(granted.text("scope")).as("%s", granted).isEqualTo("read");
    assertThat(granted.text("authorization")).isEqualTo("Bearer " + granted.text("token"));
    assertThat(SignedJWT.parse(granted.text("token")).getJWTClaimsSet().getAudience())
        .containsExactly(InteropFederation.TARGET);
  }

  @Test
  void keeps_its_token_until_its_threshold() throws IOException {
    account(issuer.credential(), Map.of("scopes", READ, "eagerRefreshThresholdMillis", 60_000));

    String first = token().text("token");
    // Another credential would give another token.
    write(issuer.credential());

    assertThat(token().text("token")).isNotEmpty().isEqualTo(first);
  }

  /** By default the threshold is 5 min, and so are these tokens. */
  @Test
  void requests_a_token_per_call_if_tokens_end_in_its_threshold() throws IOException {
    account(issuer.credential(), Map.of("scopes", READ));

    String first = token().text("token");
    write(issuer.credential(claims -> claims.put("sub", "another")));

    assertThat(token().text("token")).isNotEmpty().isNotEqualTo(first);
  }

  @Test
  void is_refused_without_scopes_for_it_then_requests_one_of_google() throws IOException {
    account(issuer.credential(), Map.of());

    Answer refused = token();

    assertThat(refused.text("status")).isEqualTo("400");
    assertThat(refused.text("message")).startsWith("Error code invalid_scope: ");
    assertThat(refused.text("body", "reason")).isEqualTo("SCOPE_NOT_GRANTED");
  }

  @Test
  void shows_why_it_was_refused_and_does_not_repeat_that() throws IOException {
    String expired =
        issuer.credential(claims -> claims.put("exp", Instant.now().getEpochSecond() - 3600));
    account(expired, Map.of("scopes", READ));

    Answer refused = token();

    assertThat(refused.text("status")).isEqualTo("400");
    assertThat(refused.text("message")).startsWith("Error code invalid_request: ");
    assertThat(refused.text("body", "reason")).isEqualTo("CREDENTIAL_EXPIRED");
    assertThat(refused.text("body", "verdict_id")).isNotEmpty();
    assertThat(broker.evaluations(expired)).isEqualTo(1);
  }

  @Test
  void authenticates_as_the_client_of_the_account() throws Exception {
    Map<String, Object> client =
        Map.of(
            "client_id",
            InteropFederation.GATEWAY,
            "client_secret",
            SECRET,
            "audience",
            InteropFederation.RESTRICTED);
    account(issuer.credential(), Map.of("scopes", READ), client);

    Answer granted = token();

    assertThat(granted.text("token")).as("%s", granted).isNotEmpty();
    assertThat(SignedJWT.parse(granted.text("token")).getJWTClaimsSet().getStringClaim("client_id"))
        .isEqualTo(InteropFederation.GATEWAY);
  }

  @Test
  void gets_a_token_of_google_through_the_broker(@TempDir Path own) throws Exception {
    try (GoogleSts google = new GoogleSts();
        InteropBroker exchanging = google.start(own, issuer);
        InteropProgram program = InteropProgram.node("google.mjs", exchanging)) {
      String account = GoogleSts.account(exchanging, write(issuer.credential()));
      program.ask("account", Map.of("account", JSONObjectUtils.parse(account)));

      Answer granted = program.ask("token", Map.of());

      assertThat(granted.text("token")).as("%s", granted).isEqualTo(GoogleSts.TOKEN);
    }
  }

  @Test
  void is_challenged_if_the_account_has_an_unknown_client_id() throws IOException {
    account(issuer.credential(), Map.of("scopes", READ), Map.of("client_id", "interop"));

    Answer refused = token();

    assertThat(refused.text("status")).isEqualTo("401");
    assertThat(refused.text("body", "error")).isEqualTo("invalid_client");
  }

  /** The library repeats a 503 three times, and reads no {@code Retry-After}. */
  @Test
  void repeats_a_request_that_the_broker_cannot_serve_now() throws IOException {
    String credential = down.credential();
    account(credential, Map.of("scopes", READ));

    Answer refused = token();

    assertThat(refused.text("status")).isEqualTo("503");
    assertThat(refused.text("body", "reason")).isNotEmpty();
    assertThat(refused.text("retryAfter")).matches("[1-9]\\d*");
    assertThat(broker.evaluations(credential)).isEqualTo(4);
  }

  private void account(String credential, Map<String, Object> options) throws IOException {
    account(credential, options, Map.of());
  }

  private void account(String credential, Map<String, Object> options, Map<String, Object> more)
      throws IOException {
    Map<String, Object> account = new HashMap<>();
    account.put("type", "external_account");
    account.put("audience", InteropFederation.TARGET);
    account.put("subject_token_type", "urn:ietf:params:oauth:token-type:jwt");
    account.put("token_url", broker.url() + "/token");
    account.put("credential_source", Map.of("file", write(credential).toString()));
    account.putAll(more);
    Map<String, Object> all = new HashMap<>(options);
    all.put("account", account);
    client.ask("account", all);
  }

  private Answer token() {
    return client.ask("token", Map.of());
  }

  /** As most programs write it: with a newline at the end. */
  private Path write(String credential) throws IOException {
    return Files.writeString(directory.resolve("credential.jwt"), credential + "\n");
  }
}
