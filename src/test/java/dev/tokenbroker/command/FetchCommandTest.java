package dev.tokenbroker.command;

import static dev.tokenbroker.command.fetch.BrokerDouble.credential;
import static dev.tokenbroker.command.fetch.BrokerDouble.refusal;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.json.PeerJson;
import dev.tokenbroker.base.refusal.Outcome.Accepted;
import dev.tokenbroker.command.Shell.Ran;
import dev.tokenbroker.command.fetch.BrokerDouble;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code fetch} prints, and how it ends. */
class FetchCommandTest {

  private static final String AWS =
      """
      {"AccessKeyId":"ASIAEXAMPLE00001","SecretAccessKey":"s/+=","SessionToken":"t",\
      "Expiration":"2026-12-01T10:00:00Z"}""";

  private static final String CREDENTIAL = credential("{\"iss\":\"https://issuer.example\"}");

  @AutoClose private final BrokerDouble broker = BrokerDouble.start();

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void write() throws IOException {
    file = Files.writeString(directory.resolve("ci.jwt"), CREDENTIAL + "\n");
  }

  @Test
  void prints_the_token_and_nothing_else() {
    assertThat(fetch()).isEqualTo(new Ran(0, "token-1\n", ""));
    assertThat(fetch()).as("from the cache").isEqualTo(new Ran(0, "token-1\n", ""));
    assertThat(fetch("--no-cache")).isEqualTo(new Ran(0, "token-2\n", ""));
  }

  @Test
  void keeps_no_token_in_a_job_of_ci_unless_told_where() {
    String[] kept = line("file:" + file, "--cache", directory.resolve("job").toString());
    for (String job : List.of("CI", "GITHUB_ACTIONS", "GITLAB_CI", "BUILDKITE", "CIRCLECI")) {
      Shell shell = shell().with(job, "true");
      String first = shell.run(line("file:" + file)).out();
      assertThat(shell.run(line("file:" + file)).out()).as(job).isNotEqualTo(first);
      assertThat(shell.run(kept).out()).as(job).isEqualTo(shell.run(kept).out());
    }
  }

  @Test
  void says_with_v_where_things_come_from() {
    Ran first = shell().with("TOKEN_BROKER_CREDENTIAL", CREDENTIAL).run(line("auto", "-v"));
    assertThat(first.err())
        .isEqualTo(
            """
            token-broker: the credential is in TOKEN_BROKER_CREDENTIAL
            token-broker: the token is new
            """);
    assertThat(fetch("-v").err()).isEqualTo("token-broker: the token is from the cache\n");
    assertThat(new Shell().run(line("file:" + file, "-v")).err())
        .contains("nothing is cached: neither XDG_CACHE_HOME nor HOME is set");
  }

  @Test
  void asks_for_the_scopes_that_are_given() {
    assertThat(fetch("--scope", "read", "--scope", "deploy").code()).isZero();
    assertThat(broker.forms().getFirst())
        .containsEntry("audience", "payments-api")
        .containsEntry("scope", "deploy read");
  }

  @Test
  void prints_each_form() {
    assertThat(fetch("--output", "env").out()).isEqualTo("TOKEN_BROKER_TOKEN=token-1\n");
    assertThat(fetch("--output", "env", "--variable", "NPM_TOKEN").out())
        .isEqualTo("NPM_TOKEN=token-1\n");
    assertThat(fetch("--output", "header").out()).isEqualTo("Authorization: Bearer token-1\n");
    assertThat(json(fetch("--output", "json")))
        .containsEntry("access_token", "token-1")
        .containsEntry("token_type", "Bearer")
        .containsEntry("scope", "deploy read")
        .containsKeys("issued_token_type", "expires_at");
    assertThat(json(fetch("--output", "google-executable")))
        .containsEntry("version", 1)
        .containsEntry("success", true)
        .containsEntry("token_type", "urn:ietf:params:oauth:token-type:jwt")
        .containsEntry("id_token", "token-1")
        .hasEntrySatisfying("expiration_time", FetchCommandTest::isSoon);
  }

  @Test
  void prints_aws_credentials_for_the_cli_and_the_shell() {
    broker.answering(_ -> BrokerDouble.aws(AWS));

    assertThat(fetch("--output", "aws-process"))
        .isEqualTo(
            new Ran(
                0,
                """
                {"Version":1,"AccessKeyId":"ASIAEXAMPLE00001","SecretAccessKey":"s/+=",\
                "SessionToken":"t","Expiration":"2026-12-01T10:00:00Z"}
                """,
                ""));
    assertThat(fetch("--output", "env").out())
        .isEqualTo(
            """
            AWS_ACCESS_KEY_ID=ASIAEXAMPLE00001
            AWS_SECRET_ACCESS_KEY=s/+=
            AWS_SESSION_TOKEN=t
            """);
    assertThat(fetch().out()).isEqualTo(AWS + "\n");
    assertThat(json(fetch("--output", "json")))
        .containsEntry("access_token", AWS)
        .containsEntry("token_type", "N_A");
    assertThat(broker.requests()).as("kept in the cache").hasSize(1);
  }

  /** Each row: what the broker sends in place of credentials. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "token",
        "{}",
        "[]",
        "{\"AccessKeyId\":\"ASIAEXAMPLE00001\",\"SecretAccessKey\":\"b\",\"SessionToken\":\"c\"}",
        "{\"AccessKeyId\":\"ASIAEXAMPLE00001\",\"SecretAccessKey\":\"b\",\"SessionToken\":\"c\","
            + "\"Expiration\":\"soon\"}",
        "{\"AccessKeyId\":\"ASIAEXAMPLE00001\",\"SecretAccessKey\":7,\"SessionToken\":\"c\","
            + "\"Expiration\":\"2026-12-01T10:00:00Z\"}",
      })
  void refuses_aws_credentials_of_another_form(String sent) {
    broker.answering(_ -> BrokerDouble.aws(sent));

    assertThat(fetch("--output", "aws-process"))
        .isEqualTo(
            new Ran(
                76,
                "",
                "token-broker: what the broker sent as AWS credentials are none of that form\n"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"header", "exec-credential", "google-executable"})
  void gives_aws_credentials_to_no_program_that_expects_a_token(String form) {
    broker.answering(_ -> BrokerDouble.aws(AWS));

    assertThat(fetch("--output", form))
        .isEqualTo(
            new Ran(
                2,
                "",
                "token-broker fetch: the target gives AWS credentials, which "
                    + form
                    + " cannot carry: use aws-process, env, json or raw;"
                    + " see 'token-broker fetch --help'\n"));
  }

  @Test
  void hands_aws_credentials_to_no_helper() throws IOException {
    helpers();
    broker.answering(_ -> BrokerDouble.aws(AWS));

    Ran ran = as("git", "protocol=https\nhost=git.example\n", "get");

    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err()).contains("which git cannot carry").doesNotContain("ASIAEXAMPLE00001");
  }

  private static void isSoon(Object seconds) {
    assertThat(Instant.ofEpochSecond(((Number) seconds).longValue()))
        .isBetween(Instant.now().plusSeconds(540), Instant.now().plusSeconds(601));
  }

  @ParameterizedTest
  @CsvSource({"'', v1", "v1, v1", "v1beta1, v1beta1", "v2, v1"})
  void answers_kubectl_in_its_version(String asked, String answered) {
    String info = "{\"apiVersion\":\"client.authentication.k8s.io/" + asked + "\",\"spec\":{}}";
    Map<String, Object> answer =
        json(
            shell()
                .with("KUBERNETES_EXEC_INFO", asked.isEmpty() ? "" : info)
                .run(line("file:" + file, "--output", "exec-credential")));

    assertThat(answer)
        .containsEntry("apiVersion", "client.authentication.k8s.io/" + answered)
        .containsEntry("kind", "ExecCredential");
    assertThat(answer)
        .extractingByKey("status")
        .asString()
        .contains("token=token-1", "expirationTimestamp=");
  }

  @Test
  void answers_git_with_a_password_or_with_what_no_helper_may_store() throws IOException {
    helpers();
    Ran old = as("git", "protocol=https\nhost=git.example\n\n", "get");
    assertThat(old.out())
        .matches("username=x-access-token\npassword=token-1\npassword_expiry_utc=\\d{10}\n");
    Ran recent =
        as("git", "capability[]=authtype\nprotocol=https\nhost=git.example\npath=a.git\n", "get");
    String pair = Base64.getEncoder().encodeToString("x-access-token:token-1".getBytes(UTF_8));
    assertThat(recent.out())
        .matches(
            "capability\\[]=authtype\nauthtype=Basic\ncredential="
                + pair
                + "\nephemeral=1\npassword_expiry_utc=\\d{10}\n");
    assertThat(broker.forms()).hasSize(1).first().asString().contains("audience=git");
  }

  @Test
  void answers_docker_and_the_kubelet() throws IOException {
    helpers();
    assertThat(json(as("docker", "https://registry.example:5000", "get")))
        .containsEntry("ServerURL", "https://registry.example:5000")
        .containsEntry("Username", "robot")
        .containsEntry("Secret", "token-1");
    assertThat(as("docker", "", "list")).isEqualTo(new Ran(0, "{}\n", ""));
    assertThat(as("docker", "{\"Secret\":\"x\"}", "store")).isEqualTo(new Ran(0, "", ""));

    String pod = credential("{\"sub\":\"system:serviceaccount:a:b\"}");
    Map<String, Object> answer =
        json(as("kubelet", kubelet("registry.example:5000/team/app:1", pod)));
    assertThat(broker.forms()).last().asString().contains("subject_token=" + pod);
    assertThat(answer)
        .containsEntry("kind", "CredentialProviderResponse")
        .containsEntry("cacheKeyType", "Registry")
        .hasEntrySatisfying(
            "cacheDuration", time -> assertThat(time.toString()).matches("4(79|80)s"))
        .containsEntry(
            "auth",
            Map.of("registry.example:5000", Map.of("username", "robot", "password", "token-2")));
  }

  private static String kubelet(String image, String token) {
    return """
    {"apiVersion":"credentialprovider.kubelet.k8s.io/v1","kind":"CredentialProviderRequest",
    "image":"%s","serviceAccountToken":"%s"}\
    """
        .formatted(image, token);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "git | protocol=https;host=evil.example | 0 | ''",
        "git | protocol=https;host=evil.example;host=git.example | 0 | ''",
        "git | protocol=https;host=git.example.evil | 0 | ''",
        "git | protocol=https;host=git.example:444 | 0 | ''",
        "git | protocol=http;host=git.example | 0 | ''",
        "git | host=git.example | 0 | ''",
        "git | protocol=https;host=evil.example;wwwauth[]=a^Mhost=git.example | 0 | ''",
        "git | protocol=https;host=git.example^M.evil.example | 0 | ''",
        "git | protocol=https;host=git.example/.evil.example | 0 | ''",
        "git | protocol=https;host=git.example?.evil.example | 0 | ''",
        "git | protocol=https;host=git.example#.evil.example | 0 | ''",
        "git | protocol=https://git.example/;host=evil.example | 0 | ''",
        "git | '' | 0 | ''",
        "docker | evil.example | 1 | credentials not found in native keychain",
        "docker | http://registry.example:5000 | 1 | credentials not found in native keychain",
        "docker | https://evil@registry.example:5000 | 1 | credentials not found in native"
            + " keychain",
      })
  void answers_nothing_for_hosts_that_are_not_its_own(
      String helper, String input, int code, String said) throws IOException {
    helpers();
    String out = said.isEmpty() ? "" : said + "\n";

    assertThat(as(helper, input.replace(';', '\n').replace("^M", "\r"), "get"))
        .isEqualTo(new Ran(code, out, ""));
    assertThat(broker.requests()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "git.example, password=token-1, token-2",
    "git.example, credential=eC1hY2Nlc3MtdG9rZW46dG9rZW4tMQ==, token-2",
    "git.example, password=token-0, token-1", // another has taken its place
    "git.example, credential=?, token-1",
    "evil.example, password=token-1, token-1",
  })
  void forgets_a_token_that_git_rejects(String host, String rejected, String next)
      throws IOException {
    helpers();
    String own = "protocol=https\nhost=git.example\n";
    assertThat(as("git", own, "get").out()).contains("password=token-1");

    assertThat(as("git", own.replace("git.example", host) + rejected + "\n", "erase"))
        .isEqualTo(new Ran(0, "", ""));
    assertThat(as("git", own, "get").out()).contains("password=" + next);
  }

  @Test
  void answers_the_kubelet_without_a_password_for_other_registries() throws IOException {
    helpers();
    assertThat(json(as("kubelet", kubelet("evil.example/app", CREDENTIAL))))
        .containsEntry("auth", Map.of())
        .containsEntry("cacheDuration", "0s");
    assertThat(broker.requests()).isEmpty();
  }

  @Test
  void a_helper_without_its_file_has_no_hosts() {
    assertThat(as("git", "protocol=https\nhost=git.example\n", "get"))
        .isEqualTo(new Ran(0, "", ""));
  }

  @ParameterizedTest
  @CsvSource({
    "git, --broker {0}, 2, --audience is missing",
    "git, --brooker {0} --audience x, 78, the file of the helpers has a wrong option",
    "git, --broker http://broker.example --audience x, 2, must begin with https://",
  })
  void says_what_is_wrong_in_the_file_of_the_helpers(
      String helper, String options, int code, String said) throws IOException {
    Files.writeString(
        directory.resolve("helpers"), "git.example " + options.replace("{0}", broker.url()));
    Ran ran = as(helper, "protocol=https\nhost=git.example\n", "get");

    assertThat(ran.code()).isEqualTo(code);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err()).contains(said).hasLineCount(1);
  }

  /** Each row: options, exit code, and what the one line on standard error says. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--audience a | 2 | --broker is missing",
        "--broker {0} | 2 | --audience is missing",
        "--broker {0} --audience= | 2 | --audience must not be empty",
        "--broker broker --audience a | 2 | the broker must be an address such as https://",
        "--broker http://broker.example --audience a | 2 | the broker must begin with https://",
        "--broker http://127.0.0.1.example --audience a | 2 | the broker must begin with https://",
        "--broker ftp://127.0.0.1 --audience a | 2 | the broker must be an address",
        "--broker https://u:p@b.example --audience a | 2 | without user and fragment",
        "--broker https://b.example/?x=1 --audience a | 2 | the broker must have no query",
        "--broker {0} --audience a --output xml | 2 | --output must be one of raw, json, env",
        "--broker {0} --audience a --output git {1} | 2 | needs --as and the file of the helpers",
        "--broker {0} --audience a --output docker {1} | 2 | needs --as and the file of the",
        "--broker {0} --audience a --output kubelet {1} | 2 | needs --as and the file of the",
        "--broker {0} --audience a --credential vault | 2 | the credential must be auto, file:",
        "--broker {0} --audience a --scope a\"b | 2 | a scope must be one word, without quotes",
        "--broker {0} --audience a --lifetime 5m | 2 | there is no option --lifetime",
        "--broker {0} --audience a get | 2 | ACTION is for git and docker",
        "--broker {0} --audience a get list | 2 | there is an argument too many",
        "--as npm get | 2 | --as names no credential helper",
        "--broker {0} --audience a --ca-file {2} | 66 | there is no credential",
        "--broker https://127.0.0.1:1 --audience a --ca-file {2} {1} | 2 | something else than"
            + " cert",
        "--broker https://127.0.0.1:1 --audience a --ca-file /none {1} | 2 | it does not exist",
        "--broker http://127.0.0.1:1 --audience a {1} | 69 | cannot be reached: the connection was",
        "--broker {0}/wrong --audience a {1} | 76 | is no token broker: it answers with status 404",
        "--broker {0} --audience a | 66 | there is no credential: say --credential, set TOKEN",
        "--broker {0} --audience a --credential env:NONE | 66 | NONE is not set",
        "--broker {0} --audience a --credential file:/none | 66 | does not exist",
        "--broker {0} --audience a --credential exec:false | 66 | false ended with code 1",
        "--broker {0} --audience a --credential exec:echo | 66 | the output of echo is empty",
        "--broker {0} --audience a --credential file:{3} | 65 | holds no credential: expected one",
        "--broker {0} --audience refused {1} | 1 | NO_RULE_MATCHED: no rule. Add one. (verdict 7)",
        "--broker {0} --audience used {1} | 1 | CREDENTIAL_ALREADY_USED: used. (verdict 7)",
        "--broker {0} --audience expired {1} | 1 | CREDENTIAL_EXPIRED: by 5 s. (verdict 7)",
        "--broker {0} --audience busy {1} | 69 | BROKER_OVERLOADED: busy. (verdict 7)",
        "--broker {0} --audience odd --output env {1} | 2 | a shell treats specially: use json",
        "--broker {0} --audience odd --output aws-process {1} | 2 | the target gives no AWS"
            + " credentials",
      })
  void ends_with_one_line_and_its_code(String options, int code, String said) throws IOException {
    Path two = Files.writeString(directory.resolve("two"), "two words");
    broker.answering(
        request -> {
          if (!request.target().equals("/token")) {
            return Reply.of(404, Map.of(), "not found");
          }
          return switch (request.body().replaceFirst(".*audience=", "")) {
            case "refused" ->
                refusal(400, Map.of(), "NO_RULE_MATCHED: no rule. Add one. (verdict 7)");
            case "used" -> refusal(400, Map.of(), "CREDENTIAL_ALREADY_USED: used. (verdict 7)");
            case "expired" -> refusal(400, Map.of(), "CREDENTIAL_EXPIRED: by 5 s. (verdict 7)");
            case "busy" ->
                refusal(429, Map.of("Retry-After", "90"), "BROKER_OVERLOADED: busy. (verdict 7)");
            default ->
                Reply.of(
                    200,
                    Map.of(),
                    "{\"access_token\":\"a$b\",\"token_type\":\"Bearer\",\"expires_in\":60}");
          };
        });
    String[] line =
        ("fetch " + options)
            .replace("{0}", broker.url())
            .replace("{1}", "--credential file:" + file)
            .replace("{2}", file.toString())
            .replace("{3}", two.toString())
            .split(" ", -1);

    Ran ran = shell().run(line);

    assertThat(ran.code()).isEqualTo(code);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err())
        .startsWith(code == 2 ? "token-broker fetch: " : "token-broker: ")
        .contains(said)
        .hasLineCount(1)
        .doesNotContain("eyJ");
    assertThat(broker.forms()).as("no refusal is repeated").hasSizeLessThan(2);
  }

  private void helpers() throws IOException {
    String options = " --broker " + broker.url() + " --credential file:" + file + " --audience ";
    Files.writeString(
        directory.resolve("helpers"),
        "# hosts of ours\n\ngit.example %1$s git\nregistry.example:5000 %1$s images --user robot\n"
            .formatted(options));
  }

  private Ran as(String helper, String input, String... action) {
    List<String> line =
        new ArrayList<>(List.of("fetch", "--as", helper + "-credential-token-broker"));
    line.addAll(List.of(action));
    return shell().typing(input).run(line.toArray(String[]::new));
  }

  private Ran fetch(String... options) {
    return shell().run(line("file:" + file, options));
  }

  private String[] line(String source, String... options) {
    return Stream.concat(
            Stream.of(
                "fetch",
                "--broker",
                broker.url(),
                "--audience",
                "payments-api",
                "--credential",
                source),
            Stream.of(options))
        .toArray(String[]::new);
  }

  private Shell shell() {
    Shell shell = new Shell().with("XDG_CACHE_HOME", directory.toString());
    Path helpers = directory.resolve("helpers");
    return Files.exists(helpers) ? shell.with("TOKEN_BROKER_HELPERS", helpers.toString()) : shell;
  }

  private static Map<String, Object> json(Ran ran) {
    assertThat(ran.err()).isEmpty();
    assertThat(ran.code()).isZero();
    assertThat(ran.out()).hasLineCount(1);
    if (PeerJson.object(ran.out().getBytes(UTF_8))
        instanceof Accepted<Map<String, Object>>(Map<String, Object> members)) {
      return members;
    }
    throw new AssertionError("no JSON: " + ran.out());
  }
}
