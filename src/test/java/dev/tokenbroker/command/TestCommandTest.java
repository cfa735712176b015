package dev.tokenbroker.command;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.command.Shell.Ran;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestCommandTest {

  private static final String FEDERATION =
      """
      issuers:
        - {name: github, issuer: 'https://token.actions.example', audiences: ['https://broker.example']}
      targets:
        - {audience: payments-api, mint: {lifetime: 10m}}
        - {audience: orders, mint: {lifetime: 5m, bind: dpop}}
      rules:
        - name: deploy-payments
          issuer: github
          audience: payments-api
          when: claims.repository_id == "42" && claims.ref == "refs/heads/main"
          subject: '"repo:" + claims.repository'
          scopes: [deploy, read]
        - {name: orders, issuer: github, audience: orders, when: claims.repository_id == "42", scopes: [read]}
      """;

  private static final String IDENTITIES =
      """
      now: 2026-11-27T12:00:00Z
      identities:
        main:
          issuer: github
          claims: {sub: "repo:acme/pay", repository: acme/pay, repository_id: "42", ref: refs/heads/main}
        fork: {like: main, claims: {repository_id: "43"}}
      """;

  /** A rule that a disabled one hides. */
  private static final String HIDDEN =
      """
        - {name: off, issuer: github, audience: orders, disabled: true, when: 'true'}
        - {name: hidden, issuer: github, audience: orders, when: 'true'}
      """;

  @TempDir Path directory;

  @BeforeEach
  void write() throws IOException {
    Files.writeString(directory.resolve("federation.yaml"), FEDERATION);
  }

  @Test
  void shows_each_case_and_counts_pairs_that_are_refused_unlisted() throws IOException {
    Path file =
        cases(
            """
            cases:
              - name: main deploys
                identity: main
                audience: payments-api
                expect: {accepted: deploy-payments, subject: "repo:acme/pay", scopes: [read, deploy], lifetime: 10m}
              - {name: orders with a proof, identity: main, audience: orders, proved: dpop, expect: {accepted: orders}}
            """);

    Ran ran = test(file);

    assertThat(ran.err()).isEmpty();
    assertThat(ran.out())
        .endsWith(
            """
            ├─ ✓ main deploys: main → payments-api
            ├─ ✓ orders with a proof: main → orders
            └─ - refused, since no case names them: 4 pairs
            6 pairs, all as expected
            %s: 2 of 2 rules covered
            """
                .formatted(directory.resolve("federation.yaml")));
    assertThat(ran.code()).isZero();
  }

  @Test
  void shows_different_outcomes_and_an_accepted_unlisted_pair() throws IOException {
    Path file =
        cases(
            """
            cases:
              - {name: main deploys, identity: main, audience: payments-api, expect: {accepted: orders}}
              - {name: a fork deploys, identity: fork, audience: payments-api, expect: {accepted: deploy-payments}}
            """);

    Ran ran = test(file);

    assertThat(ran.out())
        .contains(
            """
            ├─ ✗ main deploys: main → payments-api
            │  └─ rule      expected orders, got deploy-payments
            ├─ ✗ a fork deploys: fork → payments-api
            │  ├─ outcome   expected accepted by deploy-payments, got refused: NO_RULE_MATCHED
            │  ├─ step      rule: sub repo:acme/pay, claims.ref is the text "refs/heads/main", claims.repository_id is the text "43"
            │  └─ note      rule deploy-payments does not hold: claims.repository_id == "42": claims.repository_id is the text "43"
            ├─ ✗ (not listed): main → orders
            │  └─ outcome   expected refused, since no case names this pair, got accepted by orders
            """);
    assertThat(ran.code()).isEqualTo(1);
  }

  @Test
  void ends_with_65_and_judges_nothing_where_a_file_is_wrong() throws IOException {
    Path file =
        cases("cases:\n  - {name: x, identity: mine, audience: a, expect: {refused: EXPIRED}}\n");

    Ran ran = test(file);

    assertThat(ran.code()).isEqualTo(65);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err())
        .contains("pay.cases.yaml:8: there is no identity 'mine'.")
        .contains("pay.cases.yaml:8: no judged step refuses for 'EXPIRED'. Name one of ");
  }

  private static final String PASSING =
      """
      cases:
        - {name: main deploys, identity: main, audience: payments-api, expect: {accepted: deploy-payments}}
        - {name: orders with a proof, identity: main, audience: orders, proved: dpop, expect: {accepted: orders}}
      """;

  private static final String FAILING =
      PASSING.replace("accepted: deploy-payments", "refused: NO_RULE_MATCHED");

  @Test
  void a_filter_shows_and_counts_only_cases_whose_name_contains_it() throws IOException {
    Path file = cases(FAILING);

    Ran proofs = test("--filter proof", file);
    assertThat(proofs.out())
        .contains("└─ ✓ orders with a proof: main → orders\n1 pairs, all as expected\n")
        .as("coverage counts all cases")
        .contains(": 2 of 2 rules covered\n");
    assertThat(proofs.code()).isZero();
    assertThat(test("--filter deploys", file).code()).isEqualTo(1);
    assertThat(new Shell().run("test", "--filter", "not listed", file.toString()).out())
        .contains("4 pairs, all as expected");
  }

  @Test
  void a_filter_that_nothing_matches_does_not_pass() throws IOException {
    assertThat(test("--filter Proof", cases(PASSING)))
        .isEqualTo(Ran.told(1, "no case has a name that contains the text of --filter"));
  }

  @Test
  void coverage_may_be_required_whatever_the_filter_shows() throws IOException {
    Path file = cases(PASSING);
    assertThat(test("--require-coverage", file).code()).isZero();

    Files.writeString(directory.resolve("federation.yaml"), FEDERATION + HIDDEN);

    assertThat(test("--filter proof", file).code()).isZero();
    assertThat(test("--require-coverage --filter proof", file))
        .returns(1, Ran::code)
        .satisfies(
            ran ->
                assertThat(ran.out())
                    .contains("1 pairs, all as expected")
                    .endsWith("3 of 4 rules covered; not covered: hidden (not tried)\n"));
  }

  @Test
  void the_summary_says_what_each_rule_lacks() throws IOException {
    Files.writeString(
        directory.resolve("federation.yaml"),
        FEDERATION
            + "  - {name: nobody, issuer: github, audience: orders, when: 'false'}\n"
            + HIDDEN);

    assertThat(test(cases(PASSING)).out())
        .endsWith(
            "3 of 5 rules covered; not covered: nobody (accepts nobody), hidden (not tried)\n");
  }

  @Test
  void a_directory_gives_its_case_files_and_judges_each_once() throws IOException {
    cases(PASSING);
    Files.writeString(directory.resolve("b.cases.yml"), IDENTITIES + PASSING);
    Files.writeString(directory.resolve(".hidden.cases.yaml"), "cases: [");
    Files.writeString(directory.resolve("notes.yaml"), "cases: [");

    Ran ran =
        test(
            directory,
            directory.resolve("pay.cases.yaml"),
            directory.resolve("../" + directory.getFileName() + "/b.cases.yml"));

    assertThat(ran.err()).isEmpty();
    assertThat(ran.out())
        .startsWith(directory.resolve("b.cases.yml") + ", revision ")
        .containsOnlyOnce("pay.cases.yaml")
        .contains("12 pairs, all as expected\n")
        .containsOnlyOnce("2 of 2 rules covered");
  }

  @Test
  void takes_the_document_from_option_or_file_or_its_folder() throws IOException {
    Path elsewhere = Files.createDirectories(directory.resolve("a/b"));
    Path file = elsewhere.resolve("x.cases.yaml");
    Files.writeString(elsewhere.resolve("other.yaml"), FEDERATION);
    Files.writeString(file, IDENTITIES + PASSING);

    assertThat(test(file).err()).as("the directory is the document").isEmpty();
    Files.writeString(elsewhere.resolve("federation.yaml"), "issuers: [");
    assertThat(test(file))
        .returns(65, Ran::code)
        .returns("", Ran::out)
        .satisfies(
            ran -> assertThat(ran.err()).startsWith(elsewhere.resolve("federation.yaml") + ":"));
    Files.writeString(file, "federation: ../../federation.yaml\n" + IDENTITIES + PASSING);
    assertThat(test(file).out())
        .endsWith(elsewhere.resolve("../../federation.yaml") + ": 2 of 2 rules covered\n");
    Files.writeString(file, "federation: none.yaml\n" + IDENTITIES + PASSING);
    assertThat(test("--federation", directory.resolve("federation.yaml"), file).code()).isZero();
  }

  @Test
  void a_document_that_is_not_there_is_told_as_by_explain() throws IOException {
    String none = directory.resolve("none.yaml").toString();
    Ran told =
        new Ran(
            66,
            "",
            none
                + ": the file cannot be read: it does not exist. Give a readable UTF-8 file of at"
                + " most 1 MiB.\n");

    assertThat(test("--federation", none, cases(PASSING))).isEqualTo(told);
    assertThat(test(cases("federation: none.yaml\n" + PASSING))).isEqualTo(told);
  }

  /** Which document judges it is not known, so no other one may be blamed. */
  @Test
  void a_file_with_problems_is_told_without_a_look_at_a_document() throws IOException {
    Files.writeString(directory.resolve("federation.yaml"), "issuers: [");

    Ran ran = test(cases("cases: 5\nfederation: good.yaml\n"));

    assertThat(ran)
        .isEqualTo(
            new Ran(
                65,
                "",
                directory.resolve("pay.cases.yaml")
                    + ":7: 'cases' must be a list, this is text. Write a list: [5].\n"));
  }

  @Test
  void files_that_cannot_be_read_are_told_in_one_line() throws IOException {
    Path binary = directory.resolve("binary.cases.yaml");
    Files.write(binary, new byte[] {'a', ':', (byte) 0xC3, '\n'});
    Path large = directory.resolve("large.cases.yaml");
    Files.writeString(large, "#".repeat((1 << 20) + 1));
    Path empty = Files.createDirectory(directory.resolve("empty"));
    Path none = directory.resolve("none.cases.yaml");

    assertThat(test(binary)).isEqualTo(Ran.told(65, binary + " is no text"));
    assertThat(test(large)).isEqualTo(Ran.told(65, large + " is larger than 1024 KiB"));
    assertThat(test(empty))
        .isEqualTo(Ran.told(66, empty + " holds no file of the name *.cases.yaml"));
    assertThat(test(none))
        .isEqualTo(Ran.told(66, none + " cannot be read: the file does not exist"));
    assertThat(test("--junit", none.resolve("x"), cases(PASSING)))
        .isEqualTo(Ran.told(74, "--junit cannot be written"));
  }

  @Test
  void a_file_may_have_document_size_and_a_byte_order_mark() throws IOException {
    String text = "\uFEFF" + IDENTITIES + PASSING;
    int left = (1 << 20) - text.getBytes(StandardCharsets.UTF_8).length;
    Path file =
        Files.writeString(
            directory.resolve("pay.cases.yaml"),
            text + ("#" + "x".repeat(1022) + "\n").repeat(left / 1024) + "#".repeat(left % 1024));
    assertThat(file).hasSize(1 << 20);

    assertThat(test(file)).returns(0, Ran::code);
  }

  @Test
  void check_judges_the_cases_that_the_document_names() throws IOException {
    Path document = directory.resolve("federation.yaml");
    Files.writeString(document, "cases: ['*.cases.yaml']\n" + FEDERATION);
    cases(PASSING);
    assertThat(new Shell().run("check", document.toString()).code()).isZero();

    Path file = cases(FAILING);
    assertThat(new Shell().run("check", document.toString()))
        .isEqualTo(
            new Ran(
                1,
                "",
                file
                    + ":8: the case 'main deploys' fails for main and payments-api: outcome: expected"
                    + " refused: NO_RULE_MATCHED, got accepted by deploy-payments. Correct the"
                    + " federation document, or the case if the change is intended.\n"));
    assertThat(test(file).code()).as("test loads the document to show why it fails").isEqualTo(1);
  }

  /** Arguments without a space in them, unless one is between two. */
  private static Ran test(Object... args) {
    return new Shell().line("test " + Stream.of(args).map(Object::toString).collect(joining(" ")));
  }

  private Path cases(String cases) throws IOException {
    return Files.writeString(directory.resolve("pay.cases.yaml"), IDENTITIES + cases);
  }
}
