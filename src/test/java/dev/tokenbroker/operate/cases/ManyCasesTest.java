package dev.tokenbroker.operate.cases;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.evaluate.federation.document.Federation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A federation of 30 rules and a file of 200 cases, both from a seed. What each case should expect
 * is known from how the rules were made, without an evaluation of them.
 */
@Tag("drawn")
class ManyCasesTest {

  private static final int RULES = 30;
  private static final int CASES = 200;
  private static final int TARGETS = 6;

  @TempDir Path directory;

  /** A workload: which rule it is made for, and whether it comes from that rule's branch. */
  private record Made(int rule, boolean main) {

    String name() {
      return "w" + rule + (main ? "-main" : "-topic");
    }

    static Made any(Random random) {
      return new Made(random.nextInt(RULES), random.nextBoolean());
    }
  }

  @ParameterizedTest
  @MethodSource("dev.tokenbroker.Seeds#drawn")
  void every_case_comes_out_as_the_rules_were_made(long seed) {
    Rehearsal rehearsal = Rehearsals.of(federation(-1), cases(seed));

    assertThat(rehearsal.problems()).isEmpty();
    CaseReport report = rehearsal.reports().getFirst();
    assertThat(report.failed()).as("seed %d", seed).isEmpty();
    assertThat(report.pairs().stream().map(CaseReport.Pair::testCase).distinct())
        .hasSize(CASES + 1);
    assertThat(rehearsal.coverage().uncovered()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 17, RULES - 1})
  void a_rule_that_loses_its_branch_check_fails_only_its_own_cases(int open) {
    assertOnlyItsWorkloadFails(open);
  }

  @Tag("whole")
  @Test
  void each_rule_that_does_not_bound_the_branch_fails_its_cases() {
    IntStream.range(0, RULES).forEach(this::assertOnlyItsWorkloadFails);
  }

  private void assertOnlyItsWorkloadFails(int open) {
    Rehearsal rehearsal = Rehearsals.of(federation(open), cases(1));

    assertThat(rehearsal.reports().getFirst().failed())
        .isNotEmpty()
        .extracting(CaseReport.Pair::identity)
        .containsOnly(new Made(open, false).name());
  }

  /**
   * @param open the rule that does not look at the branch; −1 for none
   */
  private Federation federation(int open) {
    StringBuilder text = new StringBuilder("issuers:\n");
    text.append("  - {name: ci, issuer: 'https://ci.example', audiences: [broker]}\ntargets:\n");
    for (int target = 0; target < TARGETS; target++) {
      text.append("  - {audience: t%d, mint: {lifetime: 5m}}\n".formatted(target));
    }
    text.append("rules:\n");
    for (int rule = 0; rule < RULES; rule++) {
      String branch = rule == open ? "" : " && claims.ref.startsWith('refs/heads/main')";
      text.append(
          "  - {name: r%d, issuer: ci, audience: t%d, scopes: [read], when: \"claims.id == '%d'%s\"}\n"
              .formatted(rule, rule % TARGETS, rule, branch));
    }
    return Rehearsals.federation(directory, text.toString());
  }

  private static String cases(long seed) {
    StringBuilder text = new StringBuilder("identities:\n");
    for (int rule = 0; rule < RULES; rule++) {
      for (boolean main : List.of(true, false)) {
        text.append(
            "  %s: {issuer: ci, claims: {sub: 'repo:%d', id: '%d', ref: refs/heads/%s}}\n"
                .formatted(new Made(rule, main).name(), rule, rule, main ? "main" : "topic"));
      }
    }
    text.append("cases:\n");
    Random random = new Random(seed);
    List<Made> made = new ArrayList<>();
    for (int rule = 0; rule < RULES; rule++) {
      made.add(new Made(rule, true)); // each rule accepts: no pair that it admits is unlisted
    }
    while (made.size() < CASES) {
      made.add(Made.any(random));
    }
    for (int number = 0; number < CASES; number++) {
      Made workload = made.get(number);
      int target = number < RULES ? workload.rule() % TARGETS : random.nextInt(TARGETS);
      boolean accepted = workload.main() && target == workload.rule() % TARGETS;
      text.append(
          "  - {name: c%d, identity: %s, audience: t%d, expect: {%s}}\n"
              .formatted(
                  number,
                  workload.name(),
                  target,
                  accepted ? "accepted: r" + workload.rule() : "refused: NO_RULE_MATCHED"));
    }
    return text.toString();
  }
}
