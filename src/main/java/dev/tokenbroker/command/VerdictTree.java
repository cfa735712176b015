package dev.tokenbroker.command;

import dev.tokenbroker.base.refusal.Evidence;
import dev.tokenbroker.command.report.Colour;
import dev.tokenbroker.command.report.Node;
import dev.tokenbroker.command.report.Node.Fact;
import dev.tokenbroker.command.report.Node.Result;
import dev.tokenbroker.command.report.TextPrinter;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.v1.Outcome;
import dev.tokenbroker.v1.ShadowRule;
import dev.tokenbroker.v1.StepResult;
import dev.tokenbroker.v1.Verdict;
import dev.tokenbroker.v1.VerdictStep;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * A verdict as a tree for a person: its end, its subject, the steps taken, and the remedy. A
 * broker's response is cleaned like any other text from outside.
 */
final class VerdictTree {

  private VerdictTree() {}

  /** The tree, and below it that of the candidate; each line ends with a line break. */
  static String of(Verdict verdict) {
    String tree = TextPrinter.print(node(verdict));
    return verdict.hasCandidate()
        ? tree + "\ncandidate " + TextPrinter.print(node(verdict.getCandidate()))
        : tree;
  }

  private static Node node(Verdict verdict) {
    List<Node> below = new ArrayList<>();
    add(below, "target", verdict.getTarget());
    add(below, "issuer", verdict.getIssuer());
    add(below, "rule", verdict.getRule());
    add(below, "file", verdict.getRuleFile());
    add(below, "revision", Federation.shortened(verdict.getFederationRevision()));
    add(below, "verdict", id(verdict));
    below.add(Node.of("steps", steps(verdict.getStepsList())));
    verdict.getHintsList().forEach(hint -> add(below, "hint", hint));
    verdict.getShadowRulesList().forEach(rule -> add(below, "shadow", text(rule)));
    add(below, "remedy", verdict.getRemedy());
    String end =
        verdict.getOutcome() == Outcome.OUTCOME_ACCEPTED
            ? Colour.GREEN.of("accepted")
            : Colour.RED.of("refused: " + Evidence.clean(verdict.getReason()));
    return Node.of(end, below);
  }

  /** Adds a fact that is known. */
  private static void add(List<Node> below, String name, String value) {
    if (!value.isEmpty()) {
      below.add(Node.leaf(new Fact(name, Evidence.clean(value)).line()));
    }
  }

  private static String text(ShadowRule rule) {
    return rule.getRule()
        + (rule.getOutcome() == Outcome.OUTCOME_ACCEPTED
            ? " would accept"
            : " would refuse: " + rule.getReason());
  }

  /** The verdict of a candidate may have no id of its own. */
  private static String id(Verdict verdict) {
    return verdict.getId().isEmpty()
        ? ""
        : verdict.getId()
            + " at "
            + Instant.ofEpochSecond(verdict.getEvaluationTime().getSeconds());
  }

  private static List<Node> steps(List<VerdictStep> steps) {
    List<Node> taken = new ArrayList<>();
    List<String> skipped = new ArrayList<>();
    for (VerdictStep step : steps) {
      if (step.getResult() == StepResult.STEP_RESULT_SKIPPED) {
        skipped.add(Evidence.clean(step.getName()));
      } else {
        taken.add(step(step));
      }
    }
    if (!skipped.isEmpty()) {
      taken.add(Node.leaf(Result.SKIPPED, "not taken: " + String.join(", ", skipped)));
    }
    return taken;
  }

  private static Node step(VerdictStep step) {
    String name = Evidence.clean(step.getName());
    if (step.getResult() == StepResult.STEP_RESULT_PASSED) {
      Fact seen = new Fact(name, Evidence.clean(step.getSeen()));
      return Node.leaf(Result.PASSED, seen.line().stripTrailing());
    }
    List<Node> below = new ArrayList<>();
    add(below, "expected", step.getExpected());
    add(below, "seen", step.getSeen());
    return Node.of(Result.FAILED, name.strip(), below);
  }
}
