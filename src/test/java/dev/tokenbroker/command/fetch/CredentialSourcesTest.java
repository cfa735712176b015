package dev.tokenbroker.command.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tokenbroker.base.files.Resource;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.command.fetch.NoToken.Kind;
import dev.tokenbroker.peers.http.FakeServer;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where credentials are found, and what is said where one is missing, half there or unusable. */
class CredentialSourcesTest {

  private static final String URL = "ACTIONS_ID_TOKEN_REQUEST_URL";
  private static final String TOKEN = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";

  private final Map<String, String> variables = new HashMap<>();
  private final List<String> notes = new ArrayList<>();

  @TempDir private Path directory;

  @Test
  void reads_a_file_a_variable_and_what_a_program_prints() throws Exception {
    Path file = Files.writeString(directory.resolve("credential"), "\uFEFFa.b.c\n");
    variables.put("MINE", " a.b.c ");

    for (String name : List.of("file:" + file, "env:MINE", "exec:cat " + file)) {
      if (name.startsWith("exec")) {
        Files.writeString(file, "a.b.c\n");
      }
      assertThat(read(name)).as(name).isEqualTo("a.b.c");
    }
  }

  @Test
  void reads_anew_each_time() throws Exception {
    Path file = Files.writeString(directory.resolve("credential"), "first");
    CredentialSource source = sources().of("file:" + file);
    assertThat(source.read(deadline()).value()).isEqualTo("first");

    Files.writeString(file, "second");
    assertThat(source.read(deadline()).value()).isEqualTo("second");
  }

  @Test
  void auto_takes_the_first_of_its_places() throws Exception {
    Path mounted = Files.writeString(directory.resolve("mounted"), "of-kubernetes");
    assertThat(read("auto")).isEqualTo("of-kubernetes");
    variables.put("CIRCLECI", "true");
    variables.put("CIRCLE_OIDC_TOKEN_V2", "of-circleci");
    assertThat(read("auto")).isEqualTo("of-circleci");
    variables.put("GITLAB_CI", "true");
    variables.put("TOKEN_BROKER_ID_TOKEN", "of-gitlab");
    assertThat(read("auto")).isEqualTo("of-gitlab");
    variables.put("TOKEN_BROKER_CREDENTIAL", "of-variable");
    assertThat(read("auto")).isEqualTo("of-variable");
    variables.remove("TOKEN_BROKER_CREDENTIAL");
    variables.put("TOKEN_BROKER_CREDENTIAL_FILE", mounted.toString());
    assertThat(read("auto")).isEqualTo("of-kubernetes");

    assertThat(notes)
        .containsExactly(
            "the credential is the projected token at " + mounted,
            "the credential is the OIDC token of CircleCI",
            "the credential is the ID token of GitLab",
            "the credential is in TOKEN_BROKER_CREDENTIAL",
            "the credential is in the file of TOKEN_BROKER_CREDENTIAL_FILE");
  }

  @Test
  void asks_github_for_a_token_with_the_audience_of_the_broker() throws Exception {
    try (FakeServer github =
        FakeServer.start(_ -> Reply.of(200, Map.of(), "{\"count\":1,\"value\":\"a.b.c\"}"))) {
      variables.put("GITHUB_ACTIONS", "true");
      variables.put(TOKEN, "request-token");
      variables.put(URL, github.origin() + "/idtoken?api-version=2.0");

      assertThat(read("auto")).isEqualTo("a.b.c");
      assertThat(read("github")).isEqualTo("a.b.c");
      assertThat(github.requests().getFirst().target())
          .isEqualTo("/idtoken?api-version=2.0&audience=https%3A%2F%2Fbroker.example");
      assertThat(github.requests().getFirst().headers())
          .containsEntry("authorization", "Bearer request-token");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "401 | {}                 | NO_CREDENTIAL  | gives no ID token: status 401; give the job",
        "503 | {}                 | AWAY           | gives no ID token: status 503",
        "200 | {}                 | NO_CREDENTIAL  | the response of GitHub Actions is empty",
        "200 | {\"value\":\"a b\"}  | BAD_CREDENTIAL | the response of GitHub Actions holds no",
      })
  void says_what_github_answers(int status, String body, Kind kind, String line) {
    try (FakeServer github = FakeServer.start(_ -> Reply.of(status, Map.of(), body))) {
      variables.put(TOKEN, "request-token");
      variables.put(URL, github.origin());

      assertThat(refused("github", kind)).contains(line).doesNotContain("request-token");
    }
  }

  @Test
  void a_platform_that_gives_half_of_what_is_needed_ends_the_search() throws Exception {
    Files.writeString(directory.resolve("mounted"), "of-kubernetes");
    variables.put("GITHUB_ACTIONS", "true");
    String remedy = " is not set: give the job 'permissions: {id-token: write}'";

    assertThat(refused("auto", Kind.NO_CREDENTIAL)).isEqualTo(TOKEN + remedy);
    variables.put(TOKEN, "request-token");
    assertThat(refused("auto", Kind.NO_CREDENTIAL)).isEqualTo(URL + remedy);
    variables.put(URL, "http://github.example/");
    assertThat(refused("auto", Kind.MISUSE))
        .isEqualTo(URL + " must begin with https://: http is for this machine only (loopback)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "auto | | NO_CREDENTIAL | there is no credential: say --credential, set TOKEN_BROKER",
        "auto | GITLAB_CI | NO_CREDENTIAL | under id_tokens of the job, with aud: https://broker",
        "auto | CIRCLECI | NO_CREDENTIAL | CIRCLE_OIDC_TOKEN_V2 is not set: the job has none",
        "auto | BUILDKITE | NO_CREDENTIAL | buildkite-agent cannot be started",
        "auto | TOKEN_BROKER_CREDENTIAL_FILE | NO_CREDENTIAL | CREDENTIAL_FILE does not exist",
        "env:NONE | | NO_CREDENTIAL | NONE is not set",
        "kubernetes | | NO_CREDENTIAL | the projected token at",
        "file:/ | | NO_CREDENTIAL | cannot be read: it is not a regular file",
        "file:/dev/zero | | NO_CREDENTIAL | cannot be read: it is not a regular file",
        "file:/dev/null | | NO_CREDENTIAL | cannot be read: it is not a regular file",
        "exec:false | | NO_CREDENTIAL | false ended with code 1: run it by hand",
        "exec:true | | NO_CREDENTIAL | the output of true is empty",
        "exec:echo two words | | BAD_CREDENTIAL | the output of echo holds no credential",
        "exec:cat /dev/zero | | NO_CREDENTIAL | cat ended with code",
        "exec:/none/such | | NO_CREDENTIAL | /none/such cannot be started",
        "exec:sleep 60 | | AWAY | sleep gave no credential in time, and was ended",
      })
  void says_why_there_is_none(String name, @Nullable String variable, Kind kind, String line) {
    if (variable != null) {
      variables.put(variable, "/none/such");
    }
    assertThat(refused(name, kind)).contains(line);
  }

  @Test
  void two_variables_are_one_too_many() {
    variables.put("TOKEN_BROKER_CREDENTIAL", "a.b.c");
    variables.put("TOKEN_BROKER_CREDENTIAL_FILE", "/none");
    assertThat(refused("auto", Kind.MISUSE)).contains("not both");
  }

  @Test
  void buildkite_is_asked_for_what_its_preset_demands() {
    assertThat(Resource.text(CredentialSources.class, "/dev/tokenbroker/preset/buildkite.yaml"))
        .contains(String.join(" ", CredentialSources.buildkite("https://broker.acme.example")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "file:", "exec: ", "env:", "vault", "file", "Auto", "jwt:a.b.c"})
  void knows_no_other_source(String name) {
    assertThat(refused(name, Kind.MISUSE)).startsWith("the credential must be auto, file:PATH");
  }

  private String read(String name) throws NoToken {
    return sources().of(name).read(deadline()).value();
  }

  private String refused(String name, Kind kind) {
    NoToken[] seen = new NoToken[1];
    assertThatExceptionOfType(NoToken.class)
        .isThrownBy(() -> read(name))
        .satisfies(why -> seen[0] = why)
        .returns(kind, NoToken::kind);
    return seen[0].line();
  }

  private static Deadline deadline() {
    return Deadline.after(Duration.ofSeconds(2));
  }

  private CredentialSources sources() {
    return new CredentialSources(
        name -> variables.getOrDefault(name, ""),
        "https://broker.example",
        notes::add,
        directory.resolve("mounted"));
  }
}
