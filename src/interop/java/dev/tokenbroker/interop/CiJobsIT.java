package dev.tokenbroker.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import dev.tokenbroker.interop.CiJob.Ended;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.peers.http.FakeServer;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import dev.tokenbroker.peers.http.FakeServer.Request;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The pieces for CI jobs as ci.md shows them. The test plays each platform: its variables, its
 * request URL, its files, its shells.
 */
@Tag("interop")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CiJobsIT {

  private static final String PAGE = "use/ci.md";
  private static final String REQUEST_TOKEN = "request-token-of-the-job";
  private static final String EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
  private static final String JWT = "urn:ietf:params:oauth:token-type:jwt";

  private final FakeIssuer issuer = FakeIssuer.start();
  private final FakeServer platform = FakeServer.start(this::idToken);
  private final List<String> credentials = new CopyOnWriteArrayList<>();
  private final HeldPort closed = new HeldPort();

  // Both are there before the first test.
  @SuppressWarnings("NullAway.Init")
  private InteropBroker broker;

  @SuppressWarnings("NullAway.Init")
  private CiJob job;

  @BeforeAll
  void start(@TempDir Path directory) {
    DebianProgram.JQ.requirePresent();
    broker = InteropBroker.start(directory, InteropFederation.of(Map.of("good", issuer)), Map.of());
  }

  @AfterAll
  void stop() {
    broker.close();
    platform.close();
    issuer.close();
    closed.close();
  }

  @BeforeEach
  void begin(@TempDir Path home) {
    job =
        new CiJob(home)
            .with("NODE_EXTRA_CA_CERTS", broker.root().toString())
            .with("CURL_CA_BUNDLE", broker.root().toString());
  }

  /** GitHub's endpoint for ID tokens. */
  private Reply idToken(Request request) {
    String audience = URLDecoder.decode(request.target().replaceFirst(".*&audience=", ""), UTF_8);
    return ("Bearer " + REQUEST_TOKEN).equals(request.headers().get("authorization"))
        ? Reply.of(200, Map.of(), "{\"count\":1,\"value\":\"%s\"}".formatted(credential(audience)))
        : Reply.of(401, Map.of(), "");
  }

  private String credential(String audience) {
    String credential =
        issuer.credential(
            claims -> {
              claims.put("aud", audience);
              claims.put("jti", UUID.randomUUID().toString());
            });
    credentials.add(credential);
    return credential;
  }

  // --- GitHub Actions

  @Test
  void the_action_masks_its_token_and_revokes_it_after_the_job() {
    GithubRunner runner = runner();
    Answer page = CiJob.yaml(Documented.block(PAGE, "yaml", "uses:"));
    Map<String, String> documented = new HashMap<>();
    page.object("jobs", "deploy", "steps", 0, "with")
        .forEach((name, value) -> documented.put(name.toString(), value.toString()));
    String audience = documented.put("broker", broker.url());

    Ended main =
        runner.main(
            documented,
            Map.of(
                "credential-audience",
                Objects.requireNonNull(audience),
                "variable",
                "PAYMENTS_TOKEN"));

    assertThat(main.exit()).as(main.log()).isZero();
    String token = runner.output("token");
    assertThat(introspected(token)).contains("\"active\":true", "\"scope\":\"deploy\"");
    assertThat(runner.given("GITHUB_ENV")).isEqualTo(Map.of("PAYMENTS_TOKEN", token));
    assertThat(runner.outputs()).containsEntry("scope", "deploy");
    assertThat(runner.output("verdict-id")).matches("[0-9a-f]{32}");
    assertThat(Instant.parse(runner.output("expires-at")))
        .isBetween(Instant.now().plusSeconds(200), Instant.now().plusSeconds(310));
    assertThat(main.log())
        .startsWith("::add-mask::" + credentials.getLast() + "\n::add-mask::" + token + "\n");
    assertHidden(main, credentials.getLast(), token);

    Ended post = runner.post();

    assertThat(post.exit()).isZero();
    assertThat(post.log()).isEqualTo("The token is revoked.\n");
    assertThat(introspected(token)).isEqualTo("{\"active\":false}");
    assertThat(runner.post().log()).startsWith("The broker knows no such token");
  }

  @ParameterizedTest
  @CsvSource({
    "audience, unknown-api, TARGET_UNKNOWN",
    "scope, admin, SCOPE_NOT_GRANTED",
    "credential-audience, https://elsewhere.example, AUDIENCE_MISMATCH",
  })
  void the_action_shows_reason_remedy_and_verdict_of_a_refusal(
      String input, String value, String reason) {
    GithubRunner runner = runner();

    Ended main = runner.main(inputs(), Map.of(input, value));

    assertFailed(main);
    assertThat(main.log())
        .containsPattern(
            "::error::The broker refused: " + reason + ": .+ \\(verdict [0-9a-f]{32}\\)\n");
    assertHidden(main, credentials.getLast());
    assertThat(runner.outputs()).isEmpty();
    assertThat(runner.post().log()).isEqualTo("There is no token to revoke.\n");
  }

  record Misuse(String name, Map<String, String> change, String shown) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Misuse> misuses() {
    return Stream.of(
        new Misuse("no broker", Map.of("INPUT_BROKER", ""), "The input broker is missing."),
        new Misuse("no audience", Map.of("INPUT_AUDIENCE", " "), "The input audience is missing."),
        new Misuse(
            "plain http",
            Map.of("INPUT_BROKER", "http://broker.acme.example"),
            "The input broker is no https address"),
        new Misuse(
            "a user in the address",
            Map.of("INPUT_BROKER", "https://me@broker.acme.example"),
            "The input broker is no https address"),
        new Misuse("no address", Map.of("INPUT_BROKER", "broker"), "The input broker is no https"),
        new Misuse(
            "an odd variable",
            Map.of("INPUT_VARIABLE", "A=B"),
            "The input variable is no name of an environment variable."),
        new Misuse(
            "no permission",
            Map.of("ACTIONS_ID_TOKEN_REQUEST_URL", ""),
            "Add \"permissions: {id-token: write}\" to the job"),
        new Misuse(
            "half a permission",
            Map.of("ACTIONS_ID_TOKEN_REQUEST_TOKEN", ""),
            "Add \"permissions: {id-token: write}\" to the job"),
        new Misuse(
            "a wrong request token",
            Map.of("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "wrong"),
            "GitHub gave no OIDC token: HTTP 401."),
        new Misuse(
            "no files of the runner",
            Map.of("GITHUB_STATE", ""),
            "The runner sets no GITHUB_STATE"));
  }

  @ParameterizedTest
  @MethodSource("misuses")
  void the_action_names_a_misuse_in_one_line(Misuse misuse) {
    GithubRunner runner = runner();

    Ended main = runner.mainWith(misuse.change(), inputs());

    assertFailed(main);
    assertThat(main.log()).contains("::error::").contains(misuse.shown());
    assertThat(job.read("GITHUB_OUTPUT")).isEmpty();
  }

  @Test
  void the_action_names_a_broker_that_cannot_be_reached() {
    String address = "https://localhost:" + closed.number();

    Ended main = runner().main(inputs(), Map.of("broker", address));

    assertFailed(main);
    assertThat(main.log())
        .contains("::error::localhost:" + closed.number() + " cannot be reached (ECONNREFUSED).");
  }

  @Test
  void the_action_does_not_trust_an_unknown_authority() {
    job.without("NODE_EXTRA_CA_CERTS");

    Ended main = runner().main(inputs());

    assertFailed(main);
    assertThat(main.log()).containsPattern("cannot be reached \\([A-Z_]*SIGNATURE\\)");
  }

  @Test
  void the_action_follows_no_redirect_with_a_credential() {
    try (FakeServer elsewhere = FakeServer.start(_ -> Reply.ok());
        FakeServer redirecting =
            FakeServer.start(
                _ -> Reply.of(307, Map.of("Location", elsewhere.origin() + "/token"), ""))) {
      Ended main = runner().main(inputs(), Map.of("broker", redirecting.origin()));

      assertFailed(main);
      assertThat(main.log()).contains("cannot be reached (unexpected redirect)");
      assertThat(redirecting.requests()).hasSize(1);
      assertThat(elsewhere.requests()).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 3, 0", "60, 1, 1", ", 1, 1"})
  void the_action_comes_back_three_times_when_the_broker_says(
      @Nullable String retryAfter, int requests, int exit) {
    AtomicInteger asked = new AtomicInteger();
    Map<String, String> headers = retryAfter == null ? Map.of() : Map.of("Retry-After", retryAfter);
    try (FakeServer busy =
        FakeServer.start(
            _ ->
                asked.incrementAndGet() < 3
                    ? Reply.of(
                        503,
                        headers,
                        "{\"error_description\":\"STORE_UNAVAILABLE: Come\\n::back.\"}")
                    : Reply.of(200, Map.of(), "{\"access_token\":\"opaque\",\"expires_in\":60}"))) {
      Ended main = runner().main(inputs(), Map.of("broker", busy.origin()));

      assertThat(main.exit()).as(main.log()).isEqualTo(exit);
      assertThat(main.log())
          .containsPattern("The broker refused: STORE_UNAVAILABLE: Come( |%0A)::back.")
          .doesNotContain("\n::back");
      assertThat(busy.requests()).hasSize(requests);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<html>no JSON</html>",
        "{}",
        "{\"access_token\":7}",
        "{\"access_token\":\"a\\nb\"}",
        "{\"access_token\":\"\"}",
        "null"
      })
  void the_action_takes_no_answer_without_a_token(String body) {
    try (FakeServer odd = FakeServer.start(_ -> Reply.of(200, Map.of(), body))) {
      Ended main = runner().main(inputs(), Map.of("broker", odd.origin()));

      assertFailed(main);
      assertThat(main.log()).contains("::error::The token is missing in the answer");
    }
  }

  @Test
  void the_secrets_in_credentials_of_aws_are_masked_one_by_one() {
    String credentials =
        "{\"AccessKeyId\":\"ASIA7\",\"SecretAccessKey\":\"s3cret\",\"SessionToken\":\"session\"}";
    String answer =
        "{\"access_token\":\"%s\",\"expires_in\":60}".formatted(credentials.replace("\"", "\\\""));
    try (FakeServer broker = FakeServer.start(_ -> Reply.of(200, Map.of(), answer))) {
      Ended main = runner().main(inputs(), Map.of("broker", broker.origin()));

      assertThat(main.log())
          .contains(
              "::add-mask::%s\n::add-mask::s3cret\n::add-mask::session\n".formatted(credentials));
      assertHidden(main, "s3cret", "session\"", credentials);
    }
  }

  @Test
  void an_answer_can_neither_add_values_nor_commands() {
    String scope = "read\\nEOF\\nPATH<<EOF\\n/evil\\nEOF";
    String answer = "{\"access_token\":\"opaque\",\"expires_in\":60,\"scope\":\"" + scope + "\"}";
    try (FakeServer hostile = FakeServer.start(_ -> Reply.of(200, Map.of(), answer));
        FakeServer refusing =
            FakeServer.start(
                _ ->
                    Reply.of(
                        400, Map.of(), "{\"error_description\":\"no\\n::set-env name=A::b\"}"))) {
      GithubRunner runner = runner();
      Ended main = runner.main(inputs(), Map.of("broker", hostile.origin()));

      assertThat(main.exit()).as(main.log()).isZero();
      assertThat(runner.outputs())
          .containsOnlyKeys("token", "expires-at", "scope", "verdict-id")
          .containsEntry("scope", "read\nEOF\nPATH<<EOF\n/evil\nEOF");
      assertThat(main.log().lines()).noneMatch(line -> line.startsWith("/evil"));
      assertThat(runner.main(inputs(), Map.of("broker", refusing.origin())).log())
          .contains("no%0A::set-env")
          .doesNotContain("\n::set-env");
    }
  }

  @Test
  void a_token_that_cannot_be_revoked_is_a_warning() {
    GithubRunner runner = runner();
    assertThat(runner.main(inputs()).exit()).isZero();

    Ended away = runner.postWith(Map.of("broker", "https://localhost:" + closed.number()));
    assertThat(away.exit()).isZero();
    assertThat(away.log()).startsWith("::warning::localhost:").contains("ECONNREFUSED");
    try (FakeServer failing =
        FakeServer.start(
            _ -> Reply.of(503, Map.of(), "{\"error_description\":\"REVOCATION_NOT_STORED: x\"}"))) {
      Ended refused = runner.postWith(Map.of("broker", failing.origin()));
      assertThat(refused.exit()).isZero();
      assertThat(refused.log())
          .startsWith("::warning::The token stays valid until ")
          .contains("REVOCATION_NOT_STORED");
    }
    assertThat(runner.postWith(Map.of("expires", "2026-01-01T00:00:00.000Z")).log())
        .isEqualTo("The token has expired.\n");
  }

  private GithubRunner runner() {
    return new GithubRunner(
        job.with("ACTIONS_ID_TOKEN_REQUEST_URL", platform.origin() + "/token?api-version=2.0")
            .with("ACTIONS_ID_TOKEN_REQUEST_TOKEN", REQUEST_TOKEN));
  }

  private Map<String, String> inputs() {
    return Map.of(
        "broker",
        broker.url() + "/",
        "audience",
        InteropFederation.TARGET,
        "credential-audience",
        FakeIssuer.AUDIENCE);
  }

  private static void assertFailed(Ended ended) {
    assertThat(ended.exit()).as(ended.log()).isEqualTo(1);
    assertThat(ended.log().lines().filter(line -> line.startsWith("::error::"))).hasSize(1);
    assertThat(ended.log()).doesNotContain("    at ", "A bug in this action");
  }

  /** Nothing but the commands that mask them has the secrets. */
  private static void assertHidden(Ended ended, String... secrets) {
    assertThat(ended.log().lines().filter(line -> !line.startsWith("::add-mask::")))
        .noneMatch(line -> Stream.of(secrets).anyMatch(line::contains));
  }

  // --- GitLab

  static List<List<String>> shells() {
    return List.of(List.of("bash", "-eo", "pipefail", "-c"), List.of("dash", "-e", "-c"));
  }

  @ParameterizedTest
  @MethodSource("shells")
  void the_template_gets_a_token_and_revokes_it_after_the_job(List<String> shell) {
    Answer template = gitlab();

    Ended script = run(shell, template, "before_script", "printf %s \"$BROKER_TOKEN\" >token");

    assertThat(script).isEqualTo(new Ended(0, ""));
    String token = job.read("token");
    assertThat(introspected(token)).contains("\"active\":true", "\"scope\":\"deploy\"");
    assertThat(permissions("project.tmp/broker-token")).isEqualTo("rw-------");

    Ended after = run(shell, template, "after_script", "true");

    assertThat(after).isEqualTo(new Ended(0, "token-broker: the token is revoked\n"));
    assertThat(introspected(token)).isEqualTo("{\"active\":false}");
    assertThat(job.file("project.tmp/broker-token")).doesNotExist();
    assertThat(job.read("bin/curl.arguments"))
        .contains("/token", "/revoke")
        .doesNotContain(token, credentials.getLast());
    assertThat(run(shell, template, "after_script", "true")).isEqualTo(new Ended(0, ""));
  }

  @ParameterizedTest
  @MethodSource("shells")
  void the_template_fails_the_job_with_reason_remedy_and_verdict(List<String> shell) {
    Answer template = gitlab();
    job.with("BROKER_AUDIENCE", "unknown-api");

    Ended refused = run(shell, template, "before_script", "echo not reached");

    assertThat(refused.exit()).isEqualTo(1);
    assertThat(refused.log())
        .matches("token-broker: TARGET_UNKNOWN: .+ \\(verdict [0-9a-f]{32}\\)\n");
    assertThat(run(shell, template, "after_script", "true")).isEqualTo(new Ended(0, ""));

    job.with("BROKER_URL", "https://localhost:" + closed.number());
    Ended away = run(shell, template, "before_script", "echo not reached");
    assertThat(away.exit()).isEqualTo(1);
    assertThat(away.log())
        .contains("curl: (7)", "Check that https://localhost:")
        .doesNotContain("not reached");
  }

  /** The template with the variables of the job, as the page sets them. */
  private Answer gitlab() {
    Answer template =
        new Answer(
            Map.of("job", CiJob.yaml(text("gitlab/token-broker.yml")).object(".token-broker")));
    variables(template.object("job", "variables"));
    Answer page = CiJob.yaml(Documented.block(PAGE, "yaml", "extends: .token-broker"));
    variables(page.object("deploy", "variables"));
    template
        .object("job", "id_tokens")
        .forEach(
            (name, token) ->
                job.with(
                    name.toString(), credential(String.valueOf(((Map<?, ?>) token).get("aud")))));
    Path temporary = job.file("project.tmp");
    temporary.toFile().mkdir();
    job.with("BROKER_URL", broker.url()).with("RUNNER_TEMP_PROJECT_DIR", temporary.toString());
    return template;
  }

  private void variables(Map<?, ?> variables) {
    variables.forEach((name, value) -> job.with(name.toString(), value.toString()));
  }

  /** One shell, as the runner joins the scripts. */
  private Ended run(List<String> shell, Answer template, String section, String then) {
    String script = template.text("job", section, 0) + "\n" + then;
    return job.run(Stream.concat(shell.stream(), Stream.of(script)).toList());
  }

  private String permissions(String file) {
    try {
      return PosixFilePermissions.toString(Files.getPosixFilePermissions(job.file(file)));
    } catch (IOException broken) {
      throw new AssertionError(broken);
    }
  }

  // --- Buildkite

  @Test
  void the_hooks_mask_their_token_and_revoke_it_after_the_job() {
    buildkite();

    Ended command = hook("pre-command", "printf %s \"$BROKER_TOKEN\" >token");

    assertThat(command).isEqualTo(new Ended(0, ""));
    String token = job.read("token");
    assertThat(introspected(token)).contains("\"active\":true", "\"scope\":\"deploy\"");
    assertThat(job.read("redacted")).isEqualTo(token);
    assertThat(job.read("asked"))
        .isEqualTo(
            "oidc request-token --audience https://broker.acme.example"
                + " --claim organization_id --claim pipeline_id\n");

    job.with("BROKER_TOKEN", token);
    assertThat(hook("pre-exit", "true"))
        .isEqualTo(new Ended(0, "token-broker: the token is revoked\n"));
    assertThat(introspected(token)).isEqualTo("{\"active\":false}");
    assertThat(hook("pre-exit", "true").log()).contains("401", "the token is not revoked");
    assertThat(job.read("bin/curl.arguments"))
        .contains("/token", "/revoke")
        .doesNotContain(token, credentials.getLast());
  }

  @Test
  void the_hooks_leave_a_step_without_a_target_alone() {
    buildkite();
    job.without("BROKER_AUDIENCE");

    assertThat(hook("pre-command", "echo \"${BROKER_TOKEN-none}\""))
        .isEqualTo(new Ended(0, "none\n"));
    assertThat(hook("pre-exit", "true")).isEqualTo(new Ended(0, ""));
    assertThat(job.read("asked")).isEmpty();
  }

  @Test
  void the_hooks_fail_the_job_with_reason_remedy_and_verdict() {
    buildkite();
    job.with("BROKER_SCOPE", "admin");

    Ended refused = hook("pre-command", "echo not reached");

    assertThat(refused.exit()).isEqualTo(1);
    assertThat(refused.log())
        .matches("token-broker: SCOPE_NOT_GRANTED: .+ \\(verdict [0-9a-f]{32}\\)\n");
    job.program("buildkite-agent", "echo no token for you >&2; exit 1");
    assertThat(hook("pre-command", "echo not reached"))
        .isEqualTo(new Ended(1, "no token for you\n"));
  }

  /** The variables that the page sets, and an agent that knows two commands. */
  private void buildkite() {
    Answer page = CiJob.yaml(Documented.block(PAGE, "yaml", "steps:\n  - command"));
    variables(page.object("steps", 0, "env"));
    job.with("BROKER_CREDENTIAL_AUDIENCE", page.text("env", "BROKER_URL"))
        .with("BROKER_URL", broker.url())
        .with("CREDENTIAL", credential(FakeIssuer.AUDIENCE));
    job.program(
        "buildkite-agent",
        """
        case "$1 $2" in
          'oidc request-token') echo "$@" >>asked && echo "$CREDENTIAL" ;;
          'redactor add') cat >redacted ;;
          *) exit 1 ;;
        esac
        """);
  }

  /** Sources a hook as the agent does, and then runs a command in its environment. */
  private Ended hook(String name, String command) {
    Path hook = CiJob.ACTIONS.resolve("buildkite").resolve(name);
    return job.run(List.of("bash", "-c", ". '%s'; %s".formatted(hook, command)));
  }

  // --- both

  /** Its body has no end of a line, and curl prints it, too. */
  @ParameterizedTest
  @CsvSource({
    "200, '{\"access_token\":\"the-token\"}', the-token",
    "400, '{\"error_description\":\"CREDENTIAL_EXPIRED: x\"}', token-broker: CREDENTIAL_EXPIRED: x",
    "404, '<html>{}</html>', token-broker: no reason came.",
  })
  void template_and_hook_read_the_response_after_a_proxy_page(
      int status, String body, String shown) {
    List<Reply> replies =
        List.of(Reply.of(503, Map.of(), "<html>\n{}</html>"), Reply.of(status, Map.of(), body));
    AtomicInteger asked = new AtomicInteger();
    Answer template = gitlab();
    buildkite();
    job.program("curl", "exec /usr/bin/curl \"$@\" --proto =http");
    try (FakeServer proxy = FakeServer.start(_ -> replies.get(asked.getAndIncrement() % 2))) {
      job.with("BROKER_URL", proxy.origin());
      String then = "echo \"$BROKER_TOKEN\"";
      List<Ended> both =
          List.of(
              run(shells().getLast(), template, "before_script", then), hook("pre-command", then));

      assertThat(both)
          .allSatisfy(
              one -> {
                assertThat(one.exit()).isEqualTo(status == 200 ? 0 : 1);
                assertThat(one.log()).startsWith(shown).hasLineCount(1);
              });
    }
  }

  // --- the broker

  private static String text(String file) {
    try {
      return Files.readString(CiJob.ACTIONS.resolve(file));
    } catch (IOException broken) {
      throw new AssertionError(broken);
    }
  }

  private String introspected(String token) {
    String gateway = issuer.credential(claims -> claims.put("sub", "gateway"));
    Map<String, String> exchange =
        Map.of(
            "grant_type", EXCHANGE,
            "audience", "token-broker",
            "subject_token", gateway,
            "subject_token_type", JWT);
    String answer = post("/token", "none", exchange);
    try {
      String bearer = Objects.toString(JSONObjectUtils.parse(answer).get("access_token"));
      return post("/introspect", "Bearer " + bearer, Map.of("token", token));
    } catch (ParseException broken) {
      throw new AssertionError(answer, broken);
    }
  }

  private String post(String path, String authorization, Map<String, String> form) {
    String body =
        form.entrySet().stream()
            .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), UTF_8))
            .collect(Collectors.joining("&"));
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(broker.url() + path))
            .timeout(Duration.ofSeconds(30))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString(body));
    if (authorization.startsWith("Bearer ")) {
      request.header("Authorization", authorization);
    }
    try (HttpClient client = HttpClient.newBuilder().sslContext(broker.trust()).build()) {
      return client.send(request.build(), BodyHandlers.ofString()).body();
    } catch (IOException broken) {
      throw new AssertionError(broken);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError(interrupted);
    }
  }
}
