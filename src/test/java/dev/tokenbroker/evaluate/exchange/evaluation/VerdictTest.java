package dev.tokenbroker.evaluate.exchange.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.ShadowFinding;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.base.refusal.Trail.Finding;
import dev.tokenbroker.base.refusal.Trail.Result;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict.Reader;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class VerdictTest {

  private final Trail trail = new Trail();

  @Test
  void an_unverified_credential_reveals_only_reason_and_id() {
    pass(Step.REQUEST, Step.FORMAT, Step.ISSUER, Step.ALGORITHM, Step.KEY);
    refuse(Step.SIGNATURE, RefusalReason.SIGNATURE_INVALID);
    Verdict verdict = verdict();

    Verdict disclosed = verdict.disclosedTo(Reader.CALLER);

    assertThat(disclosed.id()).isEqualTo(verdict.id());
    assertThat(disclosed.reason()).isEqualTo(RefusalReason.SIGNATURE_INVALID);
    assertThat(disclosed.authentic()).isFalse();
    assertThat(disclosed.federationRevision()).isEmpty();
    assertThat(disclosed.issuer()).isNull();
    assertThat(disclosed.rule()).isNull();
    assertThat(disclosed.steps()).isEmpty();
    assertThat(disclosed.hints()).isEmpty();
    assertThat(disclosed.notes()).isEmpty();
  }

  @Test
  void is_shed_where_there_was_no_room_to_judge_it() {
    passAllBefore(Step.ADMISSION);
    refuse(Step.ADMISSION, RefusalReason.BROKER_OVERLOADED);
    assertThat(verdict().isShed()).isTrue();
  }

  @Test
  void is_not_shed_where_it_was_judged() {
    passAllBefore(Step.KEY);
    refuse(Step.KEY, RefusalReason.KEYS_UNREACHABLE);
    assertThat(verdict().isShed()).isFalse();
  }

  @Test
  void the_holder_sees_its_claims_and_what_the_failed_step_expected() {
    passAllBefore(Step.AUDIENCE);
    refuse(Step.AUDIENCE, RefusalReason.AUDIENCE_MISMATCH);

    Verdict disclosed = verdict().disclosedTo(Reader.CALLER);

    assertThat(disclosed.steps()).extracting(Finding::step).containsExactly(Step.values());
    for (Finding finding : disclosed.steps()) {
      boolean failed = finding.step() == Step.AUDIENCE;
      boolean skipped = finding.result() == Result.SKIPPED;
      assertThat(finding.expected()).isEqualTo(failed ? "expected audience" : "");
      assertThat(finding.seen()).isEqualTo(skipped ? "" : "seen " + finding.step().label());
    }
    assertThat(disclosed.hints()).containsExactly("a hint");
    assertThat(disclosed.issuer()).isEqualTo("acme");
    assertThat(disclosed.notes()).isEmpty();
  }

  @Test
  void an_accepted_credential_shows_its_claims_and_no_expectations() {
    pass(Step.values());

    Verdict disclosed = verdict().disclosedTo(Reader.CALLER);

    assertThat(disclosed.accepted()).isTrue();
    assertThat(disclosed.steps())
        .allMatch(finding -> finding.expected().isEmpty() && !finding.seen().isEmpty());
    assertThat(disclosed.notes()).isEmpty();
  }

  @Test
  void operators_see_everything() {
    passAllBefore(Step.RULE);
    refuse(Step.RULE, RefusalReason.NO_RULE_MATCHED);
    Verdict verdict = verdict();

    assertThat(verdict.disclosedTo(Reader.OPERATOR)).isSameAs(verdict);
    assertThat(verdict.notes()).containsExactly("a note");
    assertThat(verdict.steps().getFirst().expected()).isEqualTo("expected request");
  }

  @Test
  void says_who_judged_what_and_when() {
    pass(Step.REQUEST);
    trail.rule("deploy");

    Verdict verdict = verdict();

    assertThat(verdict.evaluationTime()).isEqualTo(Instant.EPOCH);
    assertThat(verdict.intent()).isEqualTo(Intent.EXPLAIN);
    assertThat(verdict.federationRevision()).isEqualTo("r1");
    assertThat(verdict.rule()).isEqualTo("deploy");
    assertThat(verdict.target()).isEqualTo("payments-api");
    assertThat(verdict.hints()).isEqualTo(List.of());
  }

  @Test
  void callers_learn_nothing_of_shadow_rules() {
    ShadowFinding finding = new ShadowFinding("trial", null);
    trail.shadow(finding);
    pass(Step.FORMAT);
    Verdict unverified = verdict();
    pass(Step.SIGNATURE, Step.RULE);
    Verdict verified = verdict();

    assertThat(unverified.disclosedTo(Reader.CALLER).shadowRules()).isEmpty();
    assertThat(verified.disclosedTo(Reader.CALLER).shadowRules()).isEmpty();
    assertThat(verified.disclosedTo(Reader.OPERATOR).shadowRules()).containsExactly(finding);
  }

  @Test
  void keeps_what_shadow_rules_would_do_where_details_change() {
    ShadowFinding finding = new ShadowFinding("trial", null);
    trail.shadow(finding);
    pass(Step.SIGNATURE);

    assertThat(verdict().unrecorded(RefusalReason.INTERNAL_ERROR).shadowRules())
        .containsExactly(finding);
    assertThat(verdict().withStep(new Finding(Step.PROOF, Result.PASSED, "", "", 1)).shadowRules())
        .containsExactly(finding);
  }

  private Verdict verdict() {
    trail.issuer("acme");
    trail.note("a note");
    return Verdict.of("v1", Instant.EPOCH, Intent.EXPLAIN, "r1", "payments-api", trail);
  }

  private void passAllBefore(Step step) {
    pass(Step.all().stream().takeWhile(before -> before != step).toArray(Step[]::new));
  }

  private void pass(Step... steps) {
    for (Step step : steps) {
      trail.passed(step, "expected " + step.label(), "seen " + step.label());
    }
  }

  private void refuse(Step step, RefusalReason reason) {
    trail.refuse(
        step,
        Refusal.of(reason)
            .expected("expected " + step.label())
            .seen("seen " + step.label())
            .hint("a hint"));
  }
}
