package dev.tokenbroker.interop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.interop.Curl.Reply;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** curl, with the command that clients.md tells to use, and with what people get wrong. */
@Tag("interop")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CurlIT {

  private static final String NO_FORM = "application/json";

  private final FakeIssuer issuer = FakeIssuer.start();

  // All are there before the first test.
  @SuppressWarnings("NullAway.Init")
  private Path directory;

  @SuppressWarnings("NullAway.Init")
  private InteropBroker broker;

  @SuppressWarnings("NullAway.Init")
  private Curl curl;

  @BeforeAll
  void start(@TempDir Path own) {
    directory = own;
    broker = InteropBroker.start(own, InteropFederation.of(Map.of("good", issuer)), Map.of());
    curl = new Curl(broker, own);
  }

  @AfterAll
  void stop() {
    broker.close();
    issuer.close();
  }

  @ParameterizedTest
  @CsvSource({"--http1.1, 1.1", "--http2, 1.1", "--http1.0, 1"})
  void exchanges_a_credential_whatever_version_it_would_speak(String option, String version)
      throws Exception {
    Reply reply = exchange(option);

    assertThat(reply.status()).as("%s", reply).isEqualTo(200);
    assertThat(reply.version()).isEqualTo(version);
    assertThat(reply.header("content-type")).isEqualTo("application/json");
    assertThat(reply.header("cache-control")).isEqualTo("no-store");
    assertThat(reply.body()).contains("\"access_token\":\"eyJ", "\"scope\":\"deploy read\"");
  }

  @Test
  void waits_to_be_told_that_its_body_is_wanted() throws Exception {
    assertThat(exchange("--http1.1", "--header", "Expect: 100-continue"))
        .returns(200, Reply::status);
  }

  @Test
  void sends_a_body_in_chunks() throws Exception {
    assertThat(exchange("--http1.1", "--header", "Transfer-Encoding: chunked"))
        .returns(200, Reply::status);
  }

  @ParameterizedTest
  @ValueSource(strings = {"--http1.1", "--http2"})
  void is_told_that_json_is_no_form(String version) {
    Reply reply =
        curl.ask(
            "/token", version, "--header", "Content-Type: " + NO_FORM, "--data", "{\"a\": \"b\"}");

    assertThat(reply.status()).isEqualTo(415);
    assertThat(reply.body()).contains("\"error\":\"invalid_request\"");
  }

  @Test
  void is_told_that_a_form_of_several_parts_is_none() {
    assertThat(curl.ask("/token", "--form", "grant_type=any")).returns(415, Reply::status);
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "PUT", "DELETE", "OPTIONS", "HEAD"})
  void is_told_that_the_token_endpoint_takes_post(String method) {
    Reply reply =
        method.equals("HEAD")
            ? curl.ask("/token", "--head")
            : curl.ask("/token", "--request", method);

    assertThat(reply.exit()).isZero();
    assertThat(reply.status()).isEqualTo(405);
    assertThat(reply.header("allow")).isEqualTo("POST");
    assertThat(reply.body().contains("invalid_request")).isNotEqualTo(method.equals("HEAD"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/token", "/.well-known/jwks.json"})
  void pages_of_other_origins_are_not_let_in(String path) {
    Reply reply =
        curl.ask(
            path,
            "--request",
            "OPTIONS",
            "--header",
            "Origin: https://elsewhere.example",
            "--header",
            "Access-Control-Request-Method: POST");

    assertThat(reply.headers().keySet()).noneMatch(name -> name.startsWith("access-control-"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/.well-known/jwks.json",
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server"
      })
  void sees_what_is_published_by_head_and_only_when_it_has_changed(String path) {
    // Each algorithm has a key and the next one, which is made soon after the start.
    Eventually.until(
        () -> curl.ask("/.well-known/jwks.json").body().split("\"kid\"").length - 1,
        keys -> keys == 4);
    Reply whole = curl.ask(path);
    Reply head = curl.ask(path, "--head");
    Reply again = curl.ask(path, "--header", "If-None-Match: " + whole.header("etag"));

    assertThat(whole.status()).isEqualTo(200);
    assertThat(whole.header("cache-control")).isEqualTo("public, max-age=300");
    assertThat(head.status()).isEqualTo(200);
    assertThat(head.header("etag")).isEqualTo(whole.header("etag"));
    assertThat(head.body()).doesNotContain("{");
    assertThat(again.status()).isEqualTo(304);
    assertThat(again.body()).isEmpty();
  }

  @Test
  void is_refused_before_it_sends_more_than_is_read() throws IOException {
    Path large = Files.writeString(directory.resolve("large"), "a".repeat(100_000));

    Reply reply = curl.ask("/token", "--http1.1", "--data-urlencode", "subject_token@" + large);

    assertThat(reply.status()).isEqualTo(413);
    assertThat(reply.body()).contains("\"error\":\"invalid_request\"");
  }

  @Test
  void does_not_trust_a_broker_that_it_was_not_told_to_trust() {
    // 60: the certificate cannot be verified.
    assertThat(curl.ask("/token", "--cacert", "/etc/ssl/certs/ca-certificates.crt"))
        .returns(60, Reply::exit);
  }

  /** As in clients.md, from a file that ends with a newline, as most do. */
  private Reply exchange(String... more) throws IOException {
    Path credential =
        Files.writeString(directory.resolve("credential.jwt"), issuer.credential() + "\n");
    List<String> options = new ArrayList<>(List.of(more));
    for (String parameter :
        List.of(
            "grant_type=urn:ietf:params:oauth:grant-type:token-exchange",
            "subject_token_type=urn:ietf:params:oauth:token-type:jwt",
            "subject_token@-",
            "audience=payments-api",
            "scope=deploy read")) {
      options.addAll(List.of("--data-urlencode", parameter));
    }
    return curl.askWith(credential, "/token", options.toArray(String[]::new));
  }
}
