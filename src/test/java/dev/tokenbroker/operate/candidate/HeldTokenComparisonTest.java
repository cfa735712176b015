package dev.tokenbroker.operate.candidate;

import static dev.tokenbroker.operate.candidate.ComparisonTest.present;
import static dev.tokenbroker.operate.candidate.ComparisonTest.replaced;
import static dev.tokenbroker.operate.candidate.ComparisonTest.skipped;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.evaluate.exchange.evaluation.Judged;
import dev.tokenbroker.operate.candidate.TestTrial.Ask;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The comparison of a held token is remembered for its next hits. */
class HeldTokenComparisonTest {

  private static final String NARROW =
      replaced("startsWith(\"acme/\")", "startsWith(\"acme/orders\")");

  @TempDir private Path directory;

  private final CountedClaims claims = new CountedClaims(Ask.of("acme/payments").claims());

  private Judged held(TestTrial trial) {
    return trial.judged(Ask.of("acme/payments").withClaims(claims));
  }

  @Test
  void judges_the_first_hit_only_and_counts_each() {
    TestTrial trial = TestTrial.of(directory, NARROW);
    Judged held = held(trial);
    trial.hit(held);
    assertThat(present(trial.report())).isEqualTo(Map.of("newly-refused", 1L));
    int reads = claims.reads();

    for (int at = 0; at < 99; at++) {
      trial.hit(held);
    }
    trial.clock.advance(Duration.ofSeconds(1));
    trial.hit(held);

    CandidateReport report = trial.report();
    assertThat(claims.reads()).isEqualTo(reads);
    assertThat(present(report)).isEqualTo(Map.of("newly-refused", 101L));
    assertThat(report.differences())
        .singleElement()
        .satisfies(
            difference -> {
              assertThat(difference.count()).isEqualTo(101);
              assertThat(difference.lastTime()).isEqualTo(trial.clock.instant());
            });
  }

  @Test
  void judges_each_miss() {
    TestTrial trial = TestTrial.of(directory, NARROW);
    Ask ask = Ask.of("acme/payments").withClaims(claims);
    trial.miss(ask);
    trial.report();
    trial.miss(ask);
    int reads = claims.reads();

    assertThat(present(trial.report())).isEqualTo(Map.of("newly-refused", 2L));
    assertThat(claims.reads()).isGreaterThan(reads);
  }

  @Test
  void judges_a_held_token_anew_after_a_minute() {
    TestTrial trial =
        TestTrial.of(
            directory, replaced("audiences: ['", "leeway: 1s, maxTokenAge: 90s, audiences: ['"));
    Judged held = held(trial);

    trial.hit(held);
    assertThat(present(trial.report())).isEqualTo(Map.of("unchanged", 1L));
    trial.clock.advance(CandidateTrial.REMEMBERED_FOR);
    trial.hit(held);

    assertThat(present(trial.report())).isEqualTo(Map.of("unchanged", 1L, "newly-refused", 1L));
  }

  @Test
  void judges_a_held_token_anew_once_the_candidate_is_another() {
    TestTrial trial = TestTrial.of(directory, NARROW);
    Judged held = held(trial);
    trial.hit(held);
    trial.report();

    trial.replaceCandidate(TestTrial.DOCUMENT);
    trial.hit(held);

    assertThat(present(trial.report())).isEqualTo(Map.of("unchanged", 1L));
  }

  @Test
  void keeps_the_last_thousand_differences_and_counts_all() {
    TestTrial trial = TestTrial.of(directory, NARROW);
    Judged first = trial.judged(Ask.of("acme/payments").with("sub", "first"));
    trial.hit(first);
    for (int at = 0; at < DifferenceLog.MAX; at++) {
      trial.miss(Ask.of("acme/payments").with("sub", "subject-" + at));
      trial.report();
    }
    assertThat(trial.report().differences())
        .hasSize(DifferenceLog.MAX)
        .noneMatch(difference -> difference.subject().equals("first"));

    trial.hit(first);

    CandidateReport report = trial.report();
    assertThat(report.differences()).hasSize(DifferenceLog.MAX);
    assertThat(report.differences().getFirst().subject()).isEqualTo("first");
    assertThat(report.differences().getFirst().count()).isEqualTo(1);
    assertThat(present(report)).isEqualTo(Map.of("newly-refused", DifferenceLog.MAX + 2L));
    assertThat(skipped(report)).isEmpty();
  }

  @Test
  void moves_a_difference_that_is_seen_again_to_the_front() {
    TestTrial trial = TestTrial.of(directory, NARROW);
    Judged held = held(trial);
    trial.hit(held);
    trial.miss(Ask.of("acme/other"));

    trial.hit(held);

    assertThat(trial.report().differences())
        .extracting(DecisionDifference::subject)
        .containsExactly("repo:acme/payments", "repo:acme/other");
  }

  @Test
  void remembers_one_comparison_for_each_held_token() {
    TestTrial trial = TestTrial.of(directory, NARROW);
    Judged one = held(trial);
    Judged other = held(trial);

    for (int at = 0; at < 10; at++) {
      trial.hit(one);
      trial.hit(other);
    }
    trial.report();

    assertThat(Objects.requireNonNull(trial.comparison.trial()).remembered()).isEqualTo(2);
    assertThat(one.grant()).isNotSameAs(other.grant());
  }
}
