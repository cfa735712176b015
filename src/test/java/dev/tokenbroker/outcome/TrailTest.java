package dev.tokenbroker.outcome;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.outcome.Trail.Finding;
import dev.tokenbroker.outcome.Trail.Result;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TrailTest {

  private final Trail trail = new Trail();

  @Test
  void an_empty_one_has_skipped_every_step() {
    assertThat(trail.findings()).extracting(Finding::step).containsExactly(Step.values());
    assertThat(trail.findings())
        .allMatch(finding -> finding.result() == Result.SKIPPED && finding.nanos() == 0);
    assertThat(trail.refusal()).isNull();
    assertThat(trail.failed()).isNull();
    assertThat(trail.authentic()).isFalse();
  }

  @Test
  void tells_the_steps_in_their_order_whatever_that_of_the_reports() {
    trail.passed(Step.FORMAT, "e2", "s2");
    trail.passed(Step.REQUEST, "e1", "s1");

    assertThat(trail.findings().subList(0, 3))
        .usingRecursiveFieldByFieldElementComparatorIgnoringFields("nanos")
        .containsExactly(
            new Finding(Step.REQUEST, Result.PASSED, "e1", "s1", 0),
            new Finding(Step.FORMAT, Result.PASSED, "e2", "s2", 0),
            new Finding(Step.ISSUER, Result.SKIPPED, "", "", 0));
  }

  @Test
  void a_refusal_is_its_end() {
    Refusal refusal = Refusal.of(RefusalReason.TARGET_UNKNOWN).expected("e").seen("s");

    Outcome<String> outcome = trail.refuse(Step.TARGET, refusal);

    assertThat(outcome).isEqualTo(Outcome.refused(refusal));
    assertThat(trail.refusal()).isSameAs(refusal);
    assertThat(trail.failed()).isEqualTo(Step.TARGET);
    Finding finding = finding(Step.TARGET);
    assertThat(finding.result()).isEqualTo(Result.FAILED);
    assertThat(finding.expected()).isEqualTo("e");
    assertThat(finding.seen()).isEqualTo("s");
  }

  @Test
  void only_a_signature_that_holds_makes_the_credential_authentic() {
    for (Step step : Step.values()) {
      if (step != Step.SIGNATURE) {
        trail.passed(step, "", "");
      }
    }
    trail.refuse(Step.SIGNATURE, Refusal.of(RefusalReason.SIGNATURE_INVALID));
    assertThat(trail.authentic()).isFalse();

    trail.passed(Step.SIGNATURE, "", "");
    assertThat(trail.authentic()).isTrue();
  }

  @Test
  void cleans_evidence_and_notes() {
    trail.passed(Step.ISSUER, "a\nb", "c\nd");
    trail.note("e\nf");

    Finding finding = finding(Step.ISSUER);
    assertThat(finding.expected()).isEqualTo("a\uFFFDb");
    assertThat(finding.seen()).isEqualTo("c\uFFFDd");
    assertThat(trail.notes()).containsExactly("e\uFFFDf");
  }

  @Test
  void keeps_32_notes() {
    IntStream.range(0, 100).forEach(at -> trail.note("note " + at));

    assertThat(trail.notes()).hasSize(32).startsWith("note 0").endsWith("note 31");
  }

  @Test
  void names_issuer_and_rule_once_they_are_known() {
    assertThat(trail.issuer()).isNull();
    trail.issuer("acme");
    trail.rule("deploy");

    assertThat(trail.issuer()).isEqualTo("acme");
    assertThat(trail.rule()).isEqualTo("deploy");
  }

  private Finding finding(Step step) {
    return trail.findings().stream()
        .filter(finding -> finding.step() == step)
        .findFirst()
        .orElseThrow();
  }
}
