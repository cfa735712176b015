package dev.tokenbroker.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.command.Shell.Ran;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The warnings of {@code check} and {@code test}. */
class WarningsTest {

  private static final String DOCUMENT =
      """
      issuers:
        - {name: github, issuer: 'https://token.actions.githubusercontent.com', audiences: [broker]}
      targets:
        - {audience: pay}
      rules:
        - name: deploy
          issuer: github
          audience: pay
          when: claims.ref == "refs/heads/main"
          subject: '"main"'
      """;

  private static final String WARNING =
      ":9: warning subject-owner-unbound: the rule deploy compares no claim that names the tenant of GitHub"
          + " Actions with a constant: claims.ref == \"refs/heads/main\". Compare repository_id or"
          + " repository_owner_id with a constant.\n";

  private static final String CASES =
      """
      identities:
        main: {issuer: github, claims: {sub: a, ref: refs/heads/main}}
      cases:
        - {name: main deploys, identity: main, audience: pay, expect: {accepted: deploy}}
      """;

  @TempDir Path directory;
  private Path document;
  private Path cases;

  @BeforeEach
  void write() throws IOException {
    document = Files.writeString(directory.resolve("federation.yaml"), DOCUMENT);
    cases = Files.writeString(directory.resolve("pay.cases.yaml"), CASES);
  }

  @Test
  void check_warns_and_ends_with_0() {
    Ran ran = new Shell().run("check", document.toString());

    assertThat(ran.err()).isEqualTo(document + WARNING);
    assertThat(ran.out()).startsWith(document + ": good: ");
    assertThat(ran.code()).isZero();
    assertThat(new Shell().run("check", "--fail-on", "error", document.toString())).isEqualTo(ran);
  }

  @Test
  void check_ends_with_1_where_warnings_count() throws IOException {
    Ran ran = new Shell().run("check", "--fail-on", "warning", document.toString());

    assertThat(ran.err()).isEqualTo(document + WARNING);
    assertThat(ran.out()).startsWith(document + ": good: ");
    assertThat(ran.code()).isEqualTo(1);

    Files.writeString(
        document, DOCUMENT.replace("claims.ref", "claims.repository_id == \"42\" && claims.ref"));
    assertThat(new Shell().run("check", "--fail-on=warning", document.toString()))
        .extracting(Ran::code, Ran::err)
        .containsExactly(0, "");
  }

  @Test
  void check_names_the_file_of_a_directory() throws IOException {
    Files.delete(cases);
    Ran ran = new Shell().run("check", directory.toString());

    assertThat(ran.err()).isEqualTo(document + WARNING);
    assertThat(ran.code()).isZero();
  }

  @Test
  void test_warns_too() {
    Ran ran = new Shell().run("test", cases.toString());

    assertThat(ran.err()).isEqualTo(document + WARNING);
    assertThat(ran.out()).contains("✓ main deploys");
    assertThat(ran.code()).isZero();
    assertThat(new Shell().run("test", "--fail-on", "warning", cases.toString()))
        .isEqualTo(new Ran(1, ran.out(), ran.err()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"check", "test"})
  void an_unknown_level_is_wrong_usage(String command) {
    assertThat(new Shell().line(command + " --fail-on info none.yaml"))
        .isEqualTo(Ran.misused(command, "--fail-on must be error or warning"));
  }
}
