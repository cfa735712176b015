package dev.tokenbroker.base.refusal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Trail.Finding;
import dev.tokenbroker.base.refusal.Trail.Result;
import java.util.List;
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
    trail.passed(Step.ISSUER, "e2", "s2");
    trail.passed(Step.FORMAT, "e1", "s1");

    assertThat(trail.findings().subList(5, 8))
        .usingRecursiveFieldByFieldElementComparatorIgnoringFields("nanos")
        .containsExactly(
            new Finding(Step.FORMAT, Result.PASSED, "e1", "s1", 0),
            new Finding(Step.ISSUER, Result.PASSED, "e2", "s2", 0),
            new Finding(Step.ALGORITHM, Result.SKIPPED, "", "", 0));
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
  void what_was_found_before_a_step_is_a_trail_of_its_own() {
    trail.passed(Step.SIGNATURE, "", "");
    trail.rule("r");
    trail.passed(Step.SCOPES, "", "");
    trail.begin(Step.MINT);
    trail.refuse(Step.MINT, Refusal.of(RefusalReason.SIGNING_KEY_UNAVAILABLE));

    Trail before = trail.before(Step.MINT);

    assertThat(before.authentic()).isTrue();
    assertThat(before.rule()).isEqualTo("r");
    assertThat(before.failed()).isNull();
    assertThat(before.refusal()).isNull();
    assertThat(before.findings())
        .filteredOn(finding -> finding.result() != Result.SKIPPED)
        .extracting(Finding::step)
        .containsExactly(Step.SIGNATURE, Step.SCOPES);
    assertThat(trail.failed()).isEqualTo(Step.MINT);
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
    assertThat(finding.expected()).isEqualTo("a\\u000Ab");
    assertThat(finding.seen()).isEqualTo("c\\u000Ad");
    assertThat(trail.notes()).containsExactly("e\\u000Af");
  }

  @Test
  void keeps_32_notes() {
    IntStream.range(0, 100).forEach(at -> trail.note("note " + at));

    assertThat(trail.notes()).hasSize(32).startsWith("note 0").endsWith("note 31");
  }

  @Test
  void keeps_32_findings_of_shadow_rules() {
    assertThat(trail.shadows()).isEmpty();

    IntStream.range(0, 100).forEach(at -> trail.shadow(new ShadowFinding("rule " + at, null)));

    assertThat(trail.shadows()).hasSize(32);
    assertThat(trail.shadows().getFirst()).isEqualTo(new ShadowFinding("rule 0", null));
    assertThat(trail.shadows().getLast()).isEqualTo(new ShadowFinding("rule 31", null));
  }

  @Test
  void a_copy_has_the_findings_of_shadow_rules_so_far() {
    ShadowFinding first = new ShadowFinding("first", RefusalReason.SCOPE_NOT_GRANTED);
    trail.shadow(first);

    Trail copy = trail.soFar();
    Trail before = trail.before(Step.MINT);
    trail.shadow(new ShadowFinding("second", null));

    assertThat(copy.shadows()).containsExactly(first);
    assertThat(before.shadows()).containsExactly(first);
    assertThat(trail.shadows()).hasSize(2);
  }

  @Test
  void a_finding_of_a_shadow_rule_reads_as_its_rule_and_result() {
    assertThat(new ShadowFinding("next", null).text()).isEqualTo("next: accepted");
    assertThat(new ShadowFinding("next", RefusalReason.SCOPE_NOT_GRANTED).text())
        .isEqualTo("next: SCOPE_NOT_GRANTED");
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

  @Test
  void names_the_step_under_way_as_the_one_after_the_last_taken() {
    assertThat(trail.underWay()).isEqualTo(Step.REQUEST);
    trail.passed(Step.REQUEST, "", "");
    trail.passed(Step.ADMISSION, "", "");
    assertThat(trail.underWay()).isEqualTo(Step.FORMAT);
    trail.passed(Step.ONCE, "", "");
    assertThat(trail.underWay()).isEqualTo(Step.MINT);
  }

  @Test
  void names_the_step_that_was_begun_out_of_turn_or_that_failed() {
    trail.passed(Step.SCOPES, "", "");
    trail.begin(Step.UPSTREAM);
    assertThat(trail.underWay()).isEqualTo(Step.UPSTREAM);
    trail.refuse(Step.UPSTREAM, Refusal.of(RefusalReason.UPSTREAM_BUSY));
    assertThat(trail.underWay()).isEqualTo(Step.UPSTREAM);
  }

  @Test
  void what_is_known_so_far_does_not_change_with_what_comes() {
    trail.passed(Step.REQUEST, "", "");
    Trail soFar = trail.soFar();
    trail.passed(Step.ADMISSION, "", "");

    assertThat(soFar.underWay()).isEqualTo(Step.CLIENT);
    assertThat(soFar.findings()).filteredOn(f -> f.result() == Result.PASSED).hasSize(1);
  }

  @Test
  void is_read_as_it_is_after_each_change_and_made_once_in_between() {
    assertThat(trail.findings()).isSameAs(trail.findings());
    assertThat(trail.notes()).isSameAs(trail.notes());
    List<Finding> before = trail.findings();

    trail.passed(Step.REQUEST, "", "");
    trail.note("a note");

    assertThat(finding(Step.REQUEST).result()).isEqualTo(Result.PASSED);
    assertThat(trail.notes()).containsExactly("a note");
    assertThat(before).allMatch(finding -> finding.result() == Result.SKIPPED);

    trail.refuse(Step.FORMAT, Refusal.of(RefusalReason.CREDENTIAL_MALFORMED));

    assertThat(finding(Step.FORMAT).result()).isEqualTo(Result.FAILED);
  }

  @Test
  void cannot_be_changed_by_who_reads_it() {
    trail.note("a note");
    assertThat(trail.findings()).isUnmodifiable();
    assertThat(trail.notes()).isUnmodifiable();
  }
}
