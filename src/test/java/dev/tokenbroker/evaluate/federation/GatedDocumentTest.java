package dev.tokenbroker.evaluate.federation;

import static dev.tokenbroker.evaluate.federation.Watching.settle;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.yaml.Problem;
import dev.tokenbroker.base.yaml.YamlParser;
import dev.tokenbroker.evaluate.federation.document.Documents;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.evaluate.federation.document.FederationLoader;
import dev.tokenbroker.evaluate.federation.document.Surroundings;
import dev.tokenbroker.operate.cases.CasesGate;
import dev.tokenbroker.process.runtime.Logged;
import dev.tokenbroker.process.runtime.TestClock;
import jakarta.enterprise.event.Startup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Documents that name their case files, as the broker loads and watches them. */
class GatedDocumentTest {

  private static final String DOCUMENT = "cases: [tests/*.cases.yaml]\n" + Documents.GOOD;

  private static final String CASES =
      """
      identities:
        main:
          issuer: github
          claims: {sub: a, repository_id: "42", ref: refs/heads/main, repository: acme/pay, run_id: "1"}
        branch: {like: main, claims: {ref: refs/heads/topic}}
      cases:
        - {name: main deploys, identity: main, audience: payments-api, expect: {accepted: deploy-payments}}
      """;

  private static final String FAILING = CASES.replace("identity: main,", "identity: branch,");

  @TempDir Path directory;
  private Path file;
  private Path tests;
  private final TestClock clock = new TestClock();

  @BeforeEach
  void layOut() throws IOException {
    file = directory.resolve("federation.yaml");
    tests = Files.createDirectory(directory.resolve("tests"));
    Documents.write(file, DOCUMENT);
    Documents.write(tests.resolve("pay.cases.yaml"), CASES);
  }

  @Test
  void a_document_whose_cases_pass_comes_into_force() {
    assertThat(started(file).current()).isPresent();
  }

  @Test
  void starts_without_a_document_until_its_failing_cases_pass() {
    Documents.write(file, DOCUMENT.replace("&& claims.ref == \"refs/heads/main\"", ""));

    Federations federations = started(file);

    assertThat(federations.current()).isEmpty();
    assertThat(federations.status().problems())
        .extracting(Problem::toString)
        .containsExactly(
            "tests/pay.cases.yaml:5: no case names branch and payments-api, but the rule"
                + " deploy-payments accepts this pair. Correct the federation document, or the case"
                + " if the change is intended.");
    federations.reload();
    assertThat(federations.status().failures()).isEqualTo(2);

    Documents.write(file, DOCUMENT);
    settle(federations);
    assertThat(federations.current()).isPresent();
    assertThat(federations.status().problems()).isEmpty();
  }

  @Test
  void a_document_whose_cases_fail_does_not_replace_a_good_one() {
    Federations federations = started(file);
    Federation good = federations.current().orElseThrow();

    Documents.write(file, DOCUMENT.replace("\"42\"", "\"43\""));
    settle(federations);

    assertThat(federations.current()).containsSame(good);
    assertThat(federations.status().failures()).isEqualTo(1);
    assertThat(federations.status().problems())
        .extracting(Problem::message)
        .containsExactly(
            "the case 'main deploys' fails for main and payments-api: outcome: expected accepted by"
                + " deploy-payments, got refused: NO_RULE_MATCHED");
  }

  @ParameterizedTest
  @ValueSource(strings = {"cases: [", "", "cases: []\nidentities: {}\n"})
  void logs_a_case_file_that_breaks_and_changes_nothing_in_force(String broken) {
    Federations federations = started(file);
    Federation good = federations.current().orElseThrow();
    long reloads = federations.status().reloads();

    Documents.write(tests.resolve("pay.cases.yaml"), broken);
    List<String> logged = logged(() -> settle(federations));

    assertThat(logged).first().asString().startsWith("Federation: tests/pay.cases.yaml:");
    assertThat(logged).last().asString().endsWith("stays in force");
    assertThat(federations.current()).containsSame(good);
    assertThat(federations.status().problems())
        .isNotEmpty()
        .allMatch(problem -> problem.file().equals("tests/pay.cases.yaml"));
    assertThat(federations.slot().check()).as("it is told once").isFalse();

    Documents.write(tests.resolve("pay.cases.yaml"), CASES);
    settle(federations);
    assertThat(federations.status().problems()).isEmpty();
    assertThat(federations.current()).containsSame(good);
    assertThat(federations.status().reloads()).isEqualTo(reloads);
  }

  @Test
  void a_case_file_that_fails_appears_and_vanishes() throws IOException {
    Federations federations = started(file);
    Federation good = federations.current().orElseThrow();
    Path more = tests.resolve("more.cases.yaml");

    Documents.write(more, FAILING);
    settle(federations);
    assertThat(federations.status().problems())
        .extracting(Problem::file)
        .containsOnly("tests/more.cases.yaml");

    Files.delete(more);
    settle(federations);
    assertThat(federations.status().problems()).isEmpty();
    assertThat(federations.current()).containsSame(good);
  }

  @Test
  void only_files_that_a_pattern_matches_are_watched() {
    Federations federations = started(file);

    Documents.write(directory.resolve("other.cases.yaml"), "cases: [");
    Documents.write(tests.resolve("notes.yaml"), "cases: [");
    Documents.write(tests.resolve(".#pay.cases.yaml"), "cases: [");

    assertThat(federations.slot().check()).isFalse();
    federations.reload();
    assertThat(federations.status().problems()).isEmpty();
  }

  @Test
  void case_files_are_no_part_of_the_revision() {
    String revision = started(file).current().orElseThrow().revision();

    Documents.write(tests.resolve("pay.cases.yaml"), "# other words\n" + CASES);

    assertThat(started(file).current().orElseThrow().revision()).isEqualTo(revision);
  }

  @Test
  void a_directory_leaves_out_case_files_beside_its_documents() throws IOException {
    Path document = Files.createDirectory(directory.resolve("document"));
    Documents.write(
        document.resolve("a.yaml"), "cases: ['*.cases.yaml', '*.cases.yml']\n" + Documents.GOOD);
    Documents.write(document.resolve("a.cases.yaml"), CASES);
    Documents.write(document.resolve("b.cases.yml"), CASES);

    Federations federations = started(document);

    assertThat(federations.current().orElseThrow().sources()).containsExactly("a.yaml");
    Documents.write(document.resolve("b.cases.yml"), FAILING);
    settle(federations);
    assertThat(federations.status().problems())
        .extracting(Problem::file)
        .containsOnly("b.cases.yml");
  }

  /** Its secret is in use as long as the last good document is. */
  @Test
  void watches_a_secret_in_use_while_cases_block_its_successor() {
    Path secret = directory.resolve("secret");
    Documents.write(secret, "old\n");
    Documents.write(file, Documents.EXCHANGING);
    Federations federations = started(file);
    assertThat(federations.current()).isPresent();
    Documents.write(file, DOCUMENT.replace("\"42\"", "\"43\""));
    settle(federations);
    assertThat(federations.status().problems()).hasSize(1);
    long failures = federations.status().failures();

    Documents.write(secret, "new\n");
    settle(federations);

    assertThat(federations.status().failures()).isEqualTo(failures + 1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "../tests/a.cases.yaml      | leaves the directory of the document",
        "tests/../../a.cases.yaml   | leaves the directory of the document",
        "..                         | leaves the directory of the document",
        "/etc/a.cases.yaml          | leaves the directory of the document",
        "/                          | leaves the directory of the document",
        "federation.yaml            | does not end with .cases.yaml or .cases.yml",
        "secret                     | does not end with .cases.yaml or .cases.yml",
        "tests/                     | does not end with .cases.yaml or .cases.yml",
        "'*'                        | does not end with .cases.yaml or .cases.yml",
        "'*/pay.cases.yaml'         | has a wildcard in a directory",
        "'{tests,b}/pay.cases.yaml' | has a wildcard in a directory",
        "'{a,b.cases.yaml'          | is not a valid pattern",
        "'[a.cases.yaml'            | is not a valid pattern",
        "\"a\\0b.cases.yaml\"       | is not a valid pattern",
        "\"a\\0b/c.cases.yaml\"     | is not a valid pattern",
        "none/*.cases.yaml          | matches no file",
        "tests/none.cases.yaml      | matches no file",
      })
  void a_pattern_that_matches_no_case_file_is_a_problem(String pattern, String fault) {
    Documents.write(file, "issuers: []\ncases:\n  - " + pattern + "\n");

    assertThat(Documents.problems(file))
        .filteredOn(problem -> problem.line() == 3)
        .extracting(Problem::message)
        .singleElement()
        .asString()
        .startsWith("an entry of 'cases' " + fault + ": ");
  }

  @Test
  void a_case_file_is_as_large_as_a_document_may_be() {
    String padding = "#" + "x".repeat(1022) + "\n";
    int left = YamlParser.MAX_BYTES - CASES.length();
    String most = CASES + padding.repeat(left / 1024) + "#".repeat(left % 1024);
    assertThat(most).hasSize(YamlParser.MAX_BYTES);
    Documents.write(tests.resolve("pay.cases.yaml"), most);
    Federations federations = started(file);
    assertThat(federations.current()).isPresent();

    Documents.write(tests.resolve("pay.cases.yaml"), most + "#");
    settle(federations);

    assertThat(federations.status().problems())
        .extracting(Problem::toString)
        .containsExactly(
            "tests/pay.cases.yaml: the file cannot be read: it is larger than 1024 KiB. Give a"
                + " readable UTF-8 file of at most 1 MiB.");
  }

  @Test
  void too_many_case_files_are_a_problem_also_over_several_patterns() {
    Documents.write(file, "cases: [a*.cases.yaml, b*.cases.yaml]\n" + Documents.GOOD);
    IntStream.rangeClosed(1, 60)
        .forEach(
            number -> {
              Documents.write(directory.resolve("a" + number + ".cases.yaml"), CASES);
              Documents.write(directory.resolve("b" + number + ".cases.yaml"), CASES);
            });
    assertThat(Documents.problems(file))
        .extracting(Problem::message)
        .containsExactly("all entries of 'cases' together match more than 100 files");

    IntStream.rangeClosed(1, 60)
        .forEach(
            number -> Documents.write(directory.resolve("a0" + number + ".cases.yaml"), CASES));
    assertThat(Documents.problems(file))
        .extracting(Problem::message)
        .contains("an entry of 'cases' matches more than 100 files: a*.cases.yaml");
  }

  /** A name may contain anything but a slash. */
  @Test
  void the_name_of_a_case_file_forges_no_line_of_the_log() {
    Documents.write(tests.resolve("a\nERROR forged\u001b[31m.cases.yaml"), "cases: [");

    assertThat(logged(() -> started(file)))
        .filteredOn(line -> line.contains("forged"))
        .isNotEmpty()
        .allMatch(line -> line.startsWith("Federation: tests/a\\u000AERROR forged\\u001B[31m"));
  }

  @Test
  void so_many_failures_are_counted() {
    StringBuilder cases = new StringBuilder(CASES);
    for (int number = 0; number < 150; number++) {
      cases
          .append("  - {name: c")
          .append(number)
          .append(", identity: branch, audience: orders, expect: {accepted: deploy-payments}}\n");
    }
    Documents.write(tests.resolve("pay.cases.yaml"), cases.toString());

    List<Federations> started = new ArrayList<>();
    assertThat(logged(() -> started.add(started(file)))).hasSize(101);
    assertThat(started.getFirst().status().problems())
        .hasSize(101)
        .first()
        .extracting(Problem::message)
        .isEqualTo("50 more pairs are not as expected");
  }

  private Federations started(Path path) {
    FederationSettings settings = DocumentSettings.of(path, Duration.ZERO);
    Federations federations =
        new Federations(
            settings,
            new FederationLoader(
                Documents::remote,
                Documents::upstream,
                new CasesGate(clock),
                clock,
                Surroundings.unknown(false)),
            () -> {},
            _ -> {},
            clock,
            ChangeListener.NONE);
    federations.start(new Startup());
    return federations;
  }

  /** What is logged of federations meanwhile, as one line each. */
  private static List<String> logged(Runnable action) {
    try (Logged log = Logged.open(Federations.class)) {
      action.run();
      return log.texts();
    }
  }
}
