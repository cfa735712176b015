package dev.tokenbroker.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.command.Shell.Ran;
import dev.tokenbroker.peers.trust.TestTls;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The command line as it is used and misused, without a broker. */
class CommandsTest {

  private static final String CREDENTIAL_LIKE = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl";

  @TempDir Path directory;
  private Samples samples;

  @BeforeEach
  void layOut() {
    samples = Samples.in(directory);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--help",
        "-h",
        "serve -h",
        "init -h",
        "check -h",
        "test -h",
        "replay -h",
        "explain -h",
        "candidate -h",
        "health -h",
        "schema -h",
        "version -h"
      })
  void every_level_has_a_help_on_standard_output(String args) {
    Ran ran = new Shell().line(args);

    assertThat(ran.code()).isZero();
    assertThat(ran.out()).startsWith("Usage: token-broker");
    assertThat(ran.err()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "serve"})
  void serves_where_no_other_command_is_named(String args) {
    Ran ran = args.isEmpty() ? new Shell().run() : new Shell().run(args);

    assertThat(ran).isEqualTo(new Ran(-1, "", ""));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "chek | token-broker: there is no such command; see 'token-broker --help'",
        "--foo | token-broker: there is no option --foo; see 'token-broker --help'",
        "serve now | token-broker serve: there is an argument too many; see 'token-broker serve --help'",
        "init | token-broker init: --preset must be one of: github-actions, github-app, gitlab, buildkite, google, aws, entra, kubernetes, spiffe, operators; see 'token-broker init --help'",
        "init --preset github | token-broker init: --preset must be one of: github-actions, github-app, gitlab, buildkite, google, aws, entra, kubernetes, spiffe, operators; see 'token-broker init --help'",
        "init --preset aws --cases --into . | token-broker init: --cases and --into exclude each other; see 'token-broker init --help'",
        "init aws | token-broker init: there is an argument too many; see 'token-broker init --help'",
        "check | token-broker check: Missing required parameter: 'FEDERATION'; see 'token-broker check --help'",
        "check --strict a | token-broker check: there is no option --strict; see 'token-broker check --help'",
        "test | token-broker test: Missing required parameter: 'PATH'; see 'token-broker test --help'",
        "test --jsn a | token-broker test: there is no option --jsn; see 'token-broker test --help'",
        "test --federation | token-broker test: Missing required parameter for option '--federation' (FILE); see 'token-broker test --help'",
        "test --filter a --filter b c | token-broker test: option '--filter' (TEXT) should be specified only once; see 'token-broker test --help'",
        "version 1 | token-broker version: there is an argument too many; see 'token-broker version --help'",
        "health well | token-broker health: STATE must be live, ready or started; see 'token-broker health --help'",
        "health live --service x | token-broker health: give a STATE or --service, not both; see 'token-broker health --help'",
        "health --address 9100 | token-broker health: --address must be host:port, such as localhost:9100; see 'token-broker health --help'",
        "health --service x --address 9000 | token-broker health: --address must be host:port, such as localhost:9000; see 'token-broker health --help'",
        "schema rules | token-broker schema: DOCUMENT must be federation or cases or agent; see 'token-broker schema --help'",
        "schema cases x | token-broker schema: there is an argument too many; see 'token-broker schema --help'",
        "health --timeout 3 | token-broker health: --timeout must be from 1ms to 1m, such as 3s; see 'token-broker health --help'",
        "health --cert-file a | token-broker health: --cert-file and --key-file come together; see 'token-broker health --help'",
        "explain | token-broker explain: give either --federation or --broker; see 'token-broker explain --help'",
        "explain --federation a --broker b:1 | token-broker explain: give either --federation or --broker; see 'token-broker explain --help'",
        "explain --federation a --audience b | token-broker explain: --credential is missing; see 'token-broker explain --help'",
        "explain --federation a --credential b | token-broker explain: --audience is missing; see 'token-broker explain --help'",
        "explain --federation a --credential b --audience c --tls | token-broker explain: --tls is for --broker only; see 'token-broker explain --help'",
        "explain --federation a --credential b --audience c --with-candidate | token-broker explain: --with-candidate is for --broker only; see 'token-broker explain --help'",
        "explain --federation a --credential b --audience c --lifetime 5 | token-broker explain: --lifetime must be a duration, such as 5m; see 'token-broker explain --help'",
        "explain --federation a --credential b --audience c --client= | token-broker explain: --client must not be empty; see 'token-broker explain --help'",
        "explain --broker a:1 --credential b --audience c --client= | token-broker explain: --client must not be empty; see 'token-broker explain --help'",
        "explain --broker a --credential b --audience c | token-broker explain: --broker must be host:port, such as localhost:9000; see 'token-broker explain --help'",
        "explain --broker a:1 --credential - --audience c --authorization-file - | token-broker explain: only one of --credential and --authorization-file can be standard input; see 'token-broker explain --help'",
      })
  void wrong_usage_is_told_in_one_line(String args, String line) {
    Ran ran = new Shell().line(args);

    assertThat(ran).isEqualTo(new Ran(2, "", line + "\n"));
  }

  @ParameterizedTest
  @CsvSource({
    "schema, Federation document of Token Broker",
    "schema federation, Federation document of Token Broker",
    "schema cases, Case file of Token Broker",
  })
  void prints_a_schema(String args, String title) {
    Ran ran = new Shell().line(args);

    assertThat(ran.code()).isZero();
    assertThat(ran.err()).isEmpty();
    assertThat(ran.out())
        .startsWith("{\n")
        .endsWith("}\n")
        .contains("\"title\": \"" + title + "\"");
  }

  /** Files that are not there and closed input, which would be told if they were read. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "health --ca-file none --timeout 3",
        "health --ca-file none --address 8080",
        "health --cert-file none --key-file none --timeout 2m",
        "health --ca-file none --key-file none",
        "health --ca-file none --cert-file a\0b --key-file none",
        "explain --broker a:1 --credential none --audience c --timeout 0s",
        "explain --broker a:1 --credential - --audience c --timeout 3",
        "explain --broker a:1 --credential - --audience c --cert-file none",
        "explain --broker a:1 --credential - --audience c --key-file none",
        "explain --broker a:1 --credential - --audience c --ca-file a\0b",
        "explain --broker a:1 --credential - --audience c --authorization-file a\0b",
        "explain --federation a\0b --credential - --audience c",
        "candidate --broker a:1 --authorization-file a\0b",
        "candidate --broker a:1 --authorization-file - --timeout 3",
        "test none a\0b",
        "test --federation a\0b none",
        "test --junit a\0b none",
      })
  void wrong_usage_is_told_before_anything_is_read(String args) throws IOException {
    InputStream closed = InputStream.nullInputStream();
    closed.close();

    Ran ran = new Shell().reading(closed).line(args);

    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.err()).hasLineCount(1).contains("--help");
  }

  @Test
  void empty_arguments_are_wrong_usage() {
    assertThat(new Shell().run("check", ""))
        .isEqualTo(Ran.misused("check", "FEDERATION must not be empty"));
    assertThat(new Shell().run("")).extracting(Ran::code).isEqualTo(2);
    assertThat(new Shell().run("explain", "--federation", "")).extracting(Ran::code).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "%s",
        "explain %s",
        "explain --%s",
        "explain --federation a --credential %s --audience b",
        "explain --federation a --credential %s",
        "explain --json=%s",
        "explain --federation a --audience b --credential c %s",
        "explain --broker localhost:1 --authorization-file %s --credential - --audience b",
        "health --service %s --address localhost:1",
        "test %s",
        "test --%s",
        "test --junit a --federation b %s",
        "version %s",
        "candidate --broker localhost:1 --authorization-file %s",
      })
  void a_credential_in_the_wrong_place_is_not_shown(String args) {
    Ran ran = new Shell().typing("x").line(args.formatted(CREDENTIAL_LIKE));

    assertThat(ran.code()).isPositive();
    assertThat(ran.all()).doesNotContain("eyJ", "c2lnbmF0dXJl");
    assertThat(ran.err()).hasLineCount(1);
  }

  @ParameterizedTest
  @CsvSource({
    "health, 9100, HTTP",
    "health --tls, 9100, HTTP",
    "health --service tokenbroker.v1.TokenBroker, 9000, gRPC",
    "health --service tokenbroker.v1.TokenBroker --tls, 9000, gRPC",
  })
  void health_asks_at_the_usual_port(String args, String port, String protocol) {
    Ran ran = new Shell().line(args + " --timeout 1ms");

    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.err())
        .startsWith(
            "token-broker: the broker at localhost:%s cannot be reached over %s: "
                .formatted(port, protocol));
  }

  @Test
  void version_names_the_build() {
    assertThat(new Shell().run("version").out()).startsWith("token-broker ");
    assertThat(new Shell().run("--version")).isEqualTo(new Shell().run("version"));
  }

  @Test
  void check_tells_all_problems_of_all_documents() {
    String bad = samples.path("bad.yaml");
    String good = samples.path("good.yaml");
    String none = samples.path("no.yaml");

    Ran ran = new Shell().run("check", bad, good, none);

    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.err())
        .contains(bad + ":3: ", bad + ":12: ")
        .contains(none + ": the file cannot be read: it does not exist. ");
    assertThat(ran.out()).startsWith(good + ": good: revision ").hasLineCount(1);
  }

  @Test
  void check_reads_no_document_where_one_of_them_is_no_path() {
    assertThat(new Shell().run("check", samples.path("good.yaml"), "a\0b"))
        .isEqualTo(Ran.misused("check", "FEDERATION is no path"));
  }

  @Test
  void check_reads_a_directory_as_one_document_and_names_its_files() {
    Ran ran = new Shell().run("check", samples.path("teams"));

    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.err()).hasLineCount(1).startsWith(samples.path("teams/b.yaml") + ":1: ");
  }

  @Test
  void check_refuses_a_file_of_10_megabytes_in_one_line() {
    Ran ran = new Shell().run("check", samples.path("huge.yaml"));

    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.err()).hasLineCount(1).contains("larger than 1024 KiB");
  }

  @Test
  void a_credential_may_come_on_standard_input_with_a_line_break() {
    Ran ran = new Shell().typing(Samples.credential().sign() + "\r\n").line(explain("-"));

    assertThat(ran.code()).isZero();
    assertThat(ran.out()).contains("\"outcome\" : \"accepted\"");
  }

  @ParameterizedTest
  @CsvSource({
    "none.jwt, 66, the credential cannot be read: the file does not exist",
    "teams, 66, the credential cannot be read: it is a directory",
    "huge.jwt, 65, the credential is larger than 128 KiB",
  })
  void a_credential_that_cannot_be_read_is_told_in_one_line(String file, int code, String line) {
    assertThat(new Shell().line(explain(samples.path(file)))).isEqualTo(Ran.told(code, line));
  }

  @ParameterizedTest
  @CsvSource({"'', the credential is empty", "' \n', the credential is empty"})
  void no_credential_is_told_in_one_line(String typed, String line) {
    assertThat(new Shell().typing(typed).line(explain("-"))).isEqualTo(Ran.told(65, line));
  }

  @Test
  void closed_standard_input_is_told_in_one_line() throws IOException {
    InputStream closed = InputStream.nullInputStream();
    closed.close();

    assertThat(new Shell().reading(closed).line(explain("-")))
        .isEqualTo(Ran.told(66, "the credential cannot be read: the input is closed or failed"));
  }

  @Test
  void a_credential_is_not_sent_in_clear_to_another_machine() {
    Ran ran =
        new Shell().typing("x").line("explain --broker 192.0.2.1:80 --credential - --audience b");

    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.err()).hasLineCount(1).contains("would cross the network in clear");
  }

  @Test
  void an_argument_with_an_at_sign_is_no_file() {
    assertThat(new Shell().run("check", "@" + samples.path("ci.jwt")).err())
        .hasLineCount(1)
        .contains("it does not exist");
  }

  /** The JDK takes DER for a certificate, what calls the broker does not. */
  @ParameterizedTest
  @CsvSource({"--ca-file, jwks.json", "--ca-file, us.der", "--cert-file, us.der"})
  void certificates_that_are_none_or_not_pem_are_told_in_one_line(String option, String file)
      throws IOException {
    TestTls.generate().writePair(directory, "us", "us.example");
    String body = samples.read("us.crt").replaceAll("-----.+-----", "");
    Files.write(directory.resolve("us.der"), Base64.getMimeDecoder().decode(body));
    String key = option.equals("--ca-file") ? "" : " --key-file " + samples.path("us.key");
    String options = option + " " + samples.path(file) + key;
    String line = "the file of " + option + " holds no certificate (PEM)";

    assertThat(new Shell().line("health " + options)).isEqualTo(Ran.told(1, line));
    assertThat(explainedWith(options)).isEqualTo(Ran.told(65, line));
  }

  @ParameterizedTest
  @ValueSource(strings = {"jwks.json", "us.crt", "rubbish.key", "other.key"})
  void reports_an_invalid_or_mismatched_key_in_one_line(String key) {
    TestTls authority = TestTls.generate();
    authority.writePair(directory, "us", "us.example");
    authority.writePair(directory, "other", "other.example");
    samples.write("rubbish.key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    String line =
        "the file of --key-file holds no private key, EC or RSA, for the certificate of --cert-file";

    assertThat(new Shell().line("health --address localhost:1 " + pair(key)))
        .isEqualTo(Ran.told(1, line));
    assertThat(explainedWith(pair(key))).isEqualTo(Ran.told(65, line));
  }

  private String pair(String key) {
    return "--cert-file %s --key-file %s".formatted(samples.path("us.crt"), samples.path(key));
  }

  /** By a broker that is not there. */
  private Ran explainedWith(String options) {
    return new Shell()
        .line(
            "explain --broker localhost:1 --audience payments-api --credential %s %s"
                .formatted(samples.path("ci.jwt"), options));
  }

  @Test
  void a_key_of_the_certificate_is_called_with() {
    TestTls.generate().writePair(directory, "us", "us.example");

    assertThat(explainedWith(pair("us.key")))
        .isEqualTo(
            Ran.told(
                69,
                "the broker at localhost:1 cannot be reached over gRPC: the connection was"
                    + " refused"));
  }

  @Test
  void explain_judges_nothing_by_a_document_with_problems() {
    Ran ran = new Shell().line(explain("bad.yaml", samples.path("ci.jwt")));

    assertThat(ran.code()).isEqualTo(65);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err()).startsWith(samples.path("bad.yaml") + ":3: ");
  }

  @Test
  void explain_judges_nothing_by_a_document_that_is_not_there() {
    String none = samples.path("none.yaml");
    Ran ran = new Shell().line(explain("none.yaml", samples.path("ci.jwt")));

    assertThat(ran)
        .isEqualTo(
            new Ran(
                66,
                "",
                none
                    + ": the file cannot be read: it does not exist. Give a readable UTF-8 file of at"
                    + " most 1 MiB.\n"));
  }

  @ParameterizedTest
  @CsvSource({
    "token-broker.credential.max-size, 7, token-broker.credential.max-size is 7. Set it to 1024",
    "quarkus.tls.corp.trust-store.pem.certs, /none.pem, ''",
  })
  void a_setting_that_is_wrong_is_told_in_one_line(String key, String value, String line) {
    samples.write("good.yaml", Samples.GOOD.replace("jwksFile: jwks.json", "tls: corp"));
    System.setProperty(key, value);
    try {
      Ran ran = new Shell().line(explain(samples.path("ci.jwt")));

      assertThat(ran.code()).isEqualTo(78);
      assertThat(ran.out()).isEmpty();
      assertThat(ran.err()).hasLineCount(1).startsWith("token-broker: a setting is wrong: " + line);
    } finally {
      System.clearProperty(key);
    }
  }

  @Test
  void a_request_that_is_refused_for_its_shape_is_a_verdict() {
    Ran ran = new Shell().line(explain(samples.path("ci.jwt")) + " --lifetime 10ms");

    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.out()).contains("REQUEST_INVALID", "lifetime must be at least one second");
  }

  @Test
  void scopes_and_type_are_part_of_the_request() {
    String ci = samples.path("ci.jwt");

    assertThat(new Shell().line(explain(ci) + " --scope read").out())
        .contains("\"seen\" : \"read\"");
    assertThat(new Shell().line(explain(ci) + " --scope read --scope root").out())
        .contains("SCOPE_NOT_GRANTED");
    assertThat(new Shell().line(explain(ci) + " --type urn:x").out())
        .contains("CREDENTIAL_TYPE_NOT_SUPPORTED");
  }

  @Test
  void explain_shows_what_shadow_rules_would_do() {
    String rules =
        """
        rules:
          - {name: next, issuer: github, audience: payments-api, when: true, scopes: [read], shadow: true}
          - {name: none, issuer: github, audience: payments-api, when: true, disabled: true, shadow: true}
        """;
    samples.write("good.yaml", Samples.GOOD.replace("rules:\n", rules));
    String args = explain(samples.path("ci.jwt"));

    assertThat(new JsonObject(new Shell().line(args).out()).getJsonArray("shadow_rules"))
        .containsExactly(
            JsonObject.of("rule", "next", "outcome", "accepted"),
            JsonObject.of("rule", "none", "outcome", "refused", "reason", "RULE_DISABLED"));
    assertThat(new Shell().onTerminal().line(args).out())
        .contains("─ rule      deploy-payments\n")
        .contains("─ shadow    next would accept\n")
        .contains("─ shadow    none would refuse: RULE_DISABLED\n");
  }

  @Test
  void a_terminal_gets_a_coloured_tree_and_everything_else_json() {
    String args = explain(samples.path("ci.jwt"));

    assertThat(new Shell().onTerminal().line(args).out())
        .startsWith("\u001B[32maccepted\u001B[0m\n├─ ");
    assertThat(new Shell().onTerminal().with("NO_COLOR", "1").line(args).out())
        .startsWith("accepted\n");
    assertThat(new Shell().onTerminal().with("TERM", "dumb").line(args).out())
        .startsWith("accepted\n");
    assertThat(new Shell().onTerminal().line(args + " --json").out()).startsWith("{\n");
    assertThat(new Shell().line(args).out()).startsWith("{\n");
    assertThat(new Shell().line(args + " --tree").out()).startsWith("accepted\n├─ ");
  }

  @ParameterizedTest
  @CsvSource({
    "/dev/pts/3, true",
    "/dev/tty1, true",
    "/dev/console, true",
    "/dev/null, false",
    "pipe:[42], false",
  })
  void a_terminal_is_known_by_what_standard_output_leads_to(String device, boolean terminal)
      throws IOException {
    Path output = Files.createSymbolicLink(directory.resolve("1"), Path.of(device));

    assertThat(Terminal.leadsToTerminal(output)).isEqualTo(terminal);
  }

  /** As on macOS; tests have no terminal. */
  @Test
  void has_no_terminal_if_neither_system_nor_jdk_has_one() {
    assertThat(Terminal.leadsToTerminal(directory.resolve("none"))).isFalse();
  }

  @Test
  void output_that_cannot_be_written_is_told_in_one_line() {
    OutputStream broken =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("Broken pipe");
          }
        };

    assertThat(new Shell().runInto(broken, "version"))
        .isEqualTo(Ran.told(74, "the output could not be written"));
  }

  private String explain(String credential) {
    return explain("good.yaml", credential);
  }

  private String explain(String document, String credential) {
    return "explain --audience payments-api --federation %s --credential %s"
        .formatted(samples.path(document), credential);
  }
}
