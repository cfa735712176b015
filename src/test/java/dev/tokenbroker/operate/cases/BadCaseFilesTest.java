package dev.tokenbroker.operate.cases;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.yaml.Problem;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.schema.TableSection;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Case files with mistakes, and exactly what is said about each: {@code bad-case-files.txt} has one
 * section a file, with {@code line: message. Remedy} for every problem in order.
 */
class BadCaseFilesTest {

  private static final String TABLE = "/cases/bad-case-files.txt";

  private static final String FEDERATION =
      """
      issuers:
        - {name: github, issuer: 'https://token.actions.example', audiences: ['https://broker.example']}
      targets:
        - {audience: payments-api, mint: {lifetime: 10m}}
        - {audience: orders, mint: {lifetime: 5m}}
      rules:
        - {name: deploy, issuer: github, audience: payments-api, when: claims.repository == "pay"}
        - {name: trial, issuer: github, audience: payments-api, when: true, shadow: true}
      """;

  private static final String GOOD =
      """
      identities:
        main: {issuer: github, claims: {sub: a}}
      cases:
        - {name: x, identity: main, audience: orders, expect: {refused: NO_RULE_MATCHED}}
      """;

  @TempDir Path directory;

  @ParameterizedTest
  @MethodSource("table")
  void says_exactly_what_is_wrong_and_where(TableSection file) {
    Rehearsal rehearsal = Rehearsals.of(federation(), file.text());

    assertThat(rehearsal.passed()).isFalse();
    assertThat(rehearsal.reports()).allMatch(report -> report.pairs().isEmpty());
    assertThat(rehearsal.problems()).isSorted();
    assertThat(
            rehearsal.problems().stream()
                .map(Problem::toString)
                .map(line -> line.substring(Rehearsals.FILE.length() + 1) + "\n")
                .collect(Collectors.joining()))
        .isEqualTo(file.expected());
  }

  @Test
  void the_table_is_long() {
    assertThat(table()).hasSizeGreaterThanOrEqualTo(50);
  }

  @Test
  void a_file_without_problems_has_none() {
    assertThat(Rehearsals.of(federation(), GOOD).problems()).isEmpty();
  }

  @Test
  void counts_are_bounded() {
    assertThat(
            messages(many("  i%d: {issuer: github, claims: {sub: a}}\n", 1_001), "cases: [{}]\n"))
        .contains("the file has more than 1000 identities");
    assertThat(
            messages(
                "identities: {main: {issuer: github, claims: {sub: a}}}\ncases:\n",
                lines(
                    "  - {name: c%d, identity: main, audience: orders, expect: {refused: RULE_DISABLED}}\n",
                    10_001)))
        .containsExactly("'cases' has more than 10000 entries");
    assertThat(
            messages(
                GOOD.replace("identity: main", "identity: main, scopes: [" + commas(1_001) + "]")))
        .containsExactly("'scopes' has more than 1000 entries");
  }

  /** Each file alone stays within the bound. */
  @Test
  void pairs_are_bounded_over_all_files_together() {
    String file =
        many("  i%d: {issuer: github, claims: {sub: a}}\n", 251)
            + "cases:\n  - {name: x, identities: ["
            + IntStream.range(0, 251).mapToObj(i -> "i" + i).collect(Collectors.joining(", "))
            + "], audiences: ["
            + commas(400)
            + "], expect: {refused: TARGET_UNKNOWN}}\n";

    assertThat(Rehearsals.of(federation(), file).problems()).isEmpty();
    assertThat(Rehearsals.of(federation(), file, file).problems())
        .extracting(Problem::message)
        .containsExactly(
            "all files up to this one lead to more than 200000 pairs of an identity and a target");
  }

  private List<String> messages(String... text) {
    return Rehearsals.of(federation(), String.join("", text)).problems().stream()
        .map(Problem::message)
        .toList();
  }

  private Federation federation() {
    return Rehearsals.federation(directory, FEDERATION);
  }

  private static String many(String identity, int count) {
    return "identities:\n" + lines(identity, count);
  }

  private static String lines(String line, int count) {
    return IntStream.range(0, count).mapToObj(line::formatted).collect(Collectors.joining());
  }

  private static String commas(int count) {
    return IntStream.range(0, count).mapToObj(i -> "a" + i).collect(Collectors.joining(", "));
  }

  static Stream<TableSection> table() {
    return TableSection.table(TABLE, "problems");
  }
}
