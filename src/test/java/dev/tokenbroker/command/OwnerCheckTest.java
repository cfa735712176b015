package dev.tokenbroker.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.command.Shell.Ran;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code check --owner}, as the pipeline of a team runs it, and the file in verdicts. */
class OwnerCheckTest {

  private static final String ROOT =
      """
      owners:
        - {file: orders.yaml, targets: [orders, invoices], declares: [targets, cases]}
        - {file: payments.yaml, targets: [payments-api]}
      issuers:
        - name: github
          issuer: https://issuer.example
          audiences: [https://broker.example]
          jwksFile: jwks.json
      targets: [{audience: orders}, {audience: payments-api}]
      """;

  private static final String RULE =
      "rules: [{name: %s, issuer: github, when: claims.repository == 'acme/payments',"
          + " audience: %s, subject: '\"acme:\" + subject'}]\n";

  private static final String PROPOSED = "proposed/orders.yaml";

  @TempDir Path directory;
  private Samples samples;

  @BeforeEach
  void layOut() {
    samples = Samples.in(directory);
    samples.write("platform.yaml", ROOT);
    samples.write("federation/orders.yaml", RULE.formatted("orders", "orders"));
    samples.write("federation/payments.yaml", RULE.formatted("payments", "payments-api"));
  }

  @Test
  void tells_what_a_good_file_may_write() {
    samples.write(PROPOSED, RULE.formatted("new", "orders"));

    assertThat(check(PROPOSED, "federation"))
        .isEqualTo(
            new Ran(
                0,
                path(PROPOSED)
                    + ": good: it may write rules for orders, invoices, and declare targets, cases\n",
                ""));
    assertThat(check("federation/payments.yaml", "federation").out())
        .endsWith("it may write rules for payments-api, and declare nothing\n");
  }

  @Test
  void reports_errors_of_the_proposed_file_with_its_path() {
    samples.write(PROPOSED, RULE.formatted("new", "payments-api"));

    assertThat(check(PROPOSED, "federation"))
        .isEqualTo(
            new Ran(
                1,
                "",
                path(PROPOSED)
                    + ":1: the target payments-api belongs to payments.yaml, not to orders.yaml."
                    + " Use a target that "
                    + path("platform.yaml")
                    + ":2 lists: orders, invoices.\n"));
  }

  @Test
  void tells_the_problem_that_the_proposed_file_causes_in_another() {
    String readFirst = "a/orders.yaml";
    samples.write(readFirst, RULE.formatted("payments", "orders"));

    Ran ran = check(readFirst, "federation");

    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.err())
        .startsWith(path("federation/payments.yaml") + ":1: a rule of the name 'payments' is")
        .hasLineCount(1);
  }

  @Test
  void only_counts_the_problems_of_others() {
    samples.write("federation/payments.yaml", RULE.formatted("payments", "orders"));
    samples.write("federation/more.yaml", "rules: [\n");

    Ran ran = check("federation/orders.yaml", "federation");

    assertThat(ran.code()).isZero();
    assertThat(ran.out()).contains(": good: ");
    assertThat(ran.err())
        .isEqualTo(
            path("federation/orders.yaml")
                + ": 3 problems in other files hold the whole document back\n");
  }

  @Test
  void judges_a_file_beside_the_root_document_alone() {
    samples.write(PROPOSED, RULE.formatted("new", "orders") + "cases: [orders.cases.yaml]\n");
    samples.write("proposed/orders.cases.yaml", "identities: {}\ncases: []\n");

    Ran good = check(PROPOSED, "platform.yaml");
    assertThat(good.code()).isZero();
    assertThat(good.out()).contains("it may write rules for orders, invoices");
    assertThat(good.err()).hasLineCount(1).contains("beside the root document alone");

    samples.write(PROPOSED, RULE.formatted("new", "payments-api"));
    Ran bad = check(PROPOSED, "platform.yaml");
    assertThat(bad.code()).isEqualTo(1);
    assertThat(bad.err()).startsWith(path(PROPOSED) + ":1: the target payments-api belongs");
  }

  @Test
  void judges_the_cases_of_the_proposed_file_and_of_others() {
    samples.write(PROPOSED, RULE.formatted("new", "orders") + "cases: [orders.cases.yaml]\n");
    samples.write(
        "proposed/orders.cases.yaml",
        """
        identities: {main: {issuer: github, claims: {sub: a, repository: acme/payments}}}
        cases: [{name: main, identity: main, audience: orders, expect: {refused: NO_RULE_MATCHED}}]
        """);

    Ran ran = check(PROPOSED, "federation");

    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.err()).contains("orders.cases.yaml:2: the case 'main' fails");
  }

  @Test
  void warns_of_the_rules_of_the_proposed_file_alone() {
    String dead =
        RULE.formatted("%s", "%s").replace("claims.repository == 'acme/payments'", "true");
    samples.write("federation/payments.yaml", dead.formatted("payments", "payments-api"));
    assertThat(check("federation/orders.yaml", "federation").err()).isEmpty();

    Ran own = check("federation/payments.yaml", "federation", "--fail-on", "warning");

    assertThat(own.code()).isEqualTo(1);
    assertThat(own.err()).startsWith(path("federation/payments.yaml") + ":1: warning ");
  }

  @Test
  void refuses_a_file_without_an_owner() {
    samples.write("more.yaml", "rules: []\n");

    assertThat(check("more.yaml", "federation").err())
        .isEqualTo(
            path("more.yaml")
                + ":1: the file is not listed in 'owners' of "
                + path("platform.yaml")
                + ". List it there with its"
                + " targets, or remove it.\n");
    assertThat(check("platform.yaml", "federation").err())
        .contains(":1: no root document lists this file in 'owners'. Name the directory");
    assertThat(check("more.yaml", "good.yaml").err())
        .contains(":1: no root document lists this file in 'owners'. ");
    assertThat(check("none.yaml", "federation").err())
        .contains("none.yaml: the file cannot be read");
    assertThat(check("more.yaml", "none")).extracting(Ran::code).isEqualTo(1);
  }

  @Test
  void is_for_one_document() {
    assertThat(new Shell().run("check", "--owner", "a.yaml", "b", "c"))
        .isEqualTo(Ran.misused("check", "--owner needs one FEDERATION"));
    assertThat(new Shell().run("check", "--owner", "a\0b", "b"))
        .isEqualTo(Ran.misused("check", "--owner is no path"));
  }

  @Test
  void explain_names_the_file_of_the_rule() throws IOException {
    samples.write("federation/platform.yaml", ROOT.substring(ROOT.indexOf("issuers:")));
    samples.write("federation/jwks.json", Files.readString(Path.of(path("jwks.json"))));
    Ran tree = explain("--tree");
    assertThat(tree.code()).isZero();
    assertThat(tree.out()).contains("rule      payments\n├─ file      payments.yaml\n");
    assertThat(explain("--json").out()).contains("\"rule_file\" : \"payments.yaml\"");
  }

  private Ran explain(String form) {
    return new Shell()
        .with("NO_COLOR", "1")
        .run(
            "explain",
            "--federation",
            path("federation"),
            "--audience",
            "payments-api",
            "--credential",
            path("ci.jwt"),
            form);
  }

  private Ran check(String file, String document, String... more) {
    List<String> args = new ArrayList<>(List.of("check", "--owner", path(file)));
    if (Files.isDirectory(Path.of(path(document)))) {
      args.addAll(List.of("--root", path("platform.yaml")));
    }
    args.addAll(List.of(more));
    args.add(path(document));
    return new Shell().run(args.toArray(String[]::new));
  }

  private String path(String name) {
    return samples.path(name);
  }
}
