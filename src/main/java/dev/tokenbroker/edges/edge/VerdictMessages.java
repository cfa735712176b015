package dev.tokenbroker.edges.edge;

import com.google.protobuf.Timestamp;
import dev.tokenbroker.base.refusal.ShadowFinding;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.edges.edge.Explanations.DisclosedExplanation;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import dev.tokenbroker.v1.Outcome;
import dev.tokenbroker.v1.ShadowRule;
import dev.tokenbroker.v1.StepResult;
import dev.tokenbroker.v1.VerdictStep;
import java.time.Instant;
import java.util.Objects;

/** Makes the API message {@code Verdict}, which both edges and the commands show. */
public final class VerdictMessages {

  private VerdictMessages() {}

  /** The message with the verdict of the candidate in it, where there is one. */
  public static dev.tokenbroker.v1.Verdict of(DisclosedExplanation shown) {
    var message = of(shown.verdict());
    return shown.candidate() == null
        ? message
        : message.toBuilder().setCandidate(of(shown.candidate())).build();
  }

  /** The message, which has one list for hints and notes. */
  public static dev.tokenbroker.v1.Verdict of(Verdict verdict) {
    var message =
        dev.tokenbroker.v1.Verdict.newBuilder()
            .setId(verdict.id())
            .setOutcome(verdict.accepted() ? Outcome.OUTCOME_ACCEPTED : Outcome.OUTCOME_REFUSED)
            .setFederationRevision(verdict.federationRevision())
            .setIssuer(Objects.requireNonNullElse(verdict.issuer(), ""))
            .setClient(Objects.requireNonNullElse(verdict.client(), ""))
            .setRule(Objects.requireNonNullElse(verdict.rule(), ""))
            .setRuleFile(Objects.requireNonNullElse(verdict.ruleFile(), ""))
            .setTarget(verdict.target())
            .addAllHints(verdict.hints())
            .addAllHints(verdict.notes())
            .setEvaluationTime(timestamp(verdict.evaluationTime()));
    verdict.steps().forEach(step -> message.addSteps(step(step, verdict)));
    verdict.shadowRules().forEach(finding -> message.addShadowRules(shadow(finding)));
    if (verdict.reason() != null) {
      message.setReason(verdict.reason().name()).setRemedy(verdict.reason().remedy());
    }
    return message.build();
  }

  private static ShadowRule shadow(ShadowFinding finding) {
    return ShadowRule.newBuilder()
        .setRule(finding.rule())
        .setOutcome(finding.reason() == null ? Outcome.OUTCOME_ACCEPTED : Outcome.OUTCOME_REFUSED)
        .setReason(finding.reason() == null ? "" : finding.reason().name())
        .build();
  }

  private static VerdictStep step(Trail.Finding finding, Verdict verdict) {
    var step =
        VerdictStep.newBuilder()
            .setName(finding.step().label())
            .setResult(result(finding.result()))
            .setExpected(finding.expected())
            .setSeen(finding.seen());
    if (finding.result() == Trail.Result.FAILED && verdict.reason() != null) {
      step.setRemedy(verdict.reason().remedy());
    }
    return step.build();
  }

  private static StepResult result(Trail.Result result) {
    return switch (result) {
      case PASSED -> StepResult.STEP_RESULT_PASSED;
      case FAILED -> StepResult.STEP_RESULT_FAILED;
      case SKIPPED -> StepResult.STEP_RESULT_SKIPPED;
    };
  }

  /** The time to the nanosecond. */
  public static Timestamp timestamp(Instant instant) {
    return Timestamp.newBuilder()
        .setSeconds(instant.getEpochSecond())
        .setNanos(instant.getNano())
        .build();
  }
}
