package dev.tokenbroker.command;

import dev.tokenbroker.base.outcome.Evidence;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.v1.Outcome;
import dev.tokenbroker.v1.ShadowRule;
import dev.tokenbroker.v1.StepResult;
import dev.tokenbroker.v1.Verdict;
import dev.tokenbroker.v1.VerdictStep;
import java.util.ArrayList;
import java.util.List;

/**
 * A verdict as a tree for a person: its end, its subject, the steps taken, and the remedy. A
 * broker's response is cleaned like any other text from outside.
 */
final class VerdictTree {

  private final Tree tree;

  VerdictTree(boolean coloured) {
    this.tree = new Tree(coloured);
  }

  /** The tree, and below it that of the candidate; each line ends with a line break. */
  String of(Verdict verdict) {
    return verdict.hasCandidate()
        ? tree(verdict) + "\ncandidate " + tree(verdict.getCandidate())
        : tree(verdict);
  }

  private String tree(Verdict verdict) {
    boolean accepted = verdict.getOutcome() == Outcome.OUTCOME_ACCEPTED;
    List<Tree.Branch> branches = new ArrayList<>();
    fact(branches, "target", verdict.getTarget());
    fact(branches, "issuer", verdict.getIssuer());
    fact(branches, "rule", verdict.getRule());
    fact(branches, "revision", shortened(verdict.getFederationRevision()));
    fact(branches, "verdict", id(verdict));
    branches.add(new Tree.Branch("steps", steps(verdict.getStepsList())));
    verdict.getHintsList().forEach(hint -> fact(branches, "hint", hint));
    verdict.getShadowRulesList().forEach(rule -> fact(branches, "shadow", text(rule)));
    fact(branches, "remedy", verdict.getRemedy());
    StringBuilder text = new StringBuilder();
    text.append(
        accepted
            ? tree.paint(Tree.GREEN, "accepted")
            : tree.paint(Tree.RED, "refused: " + Evidence.clean(verdict.getReason())));
    text.append('\n');
    Tree.draw(branches, "", text);
    return text.toString();
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
        : verdict.getId() + " at " + Times.seconds(verdict.getEvaluationTime());
  }

  private static void fact(List<Tree.Branch> branches, String name, String value) {
    if (!value.isEmpty()) {
      branches.add(Tree.Branch.leaf("%-9s %s".formatted(name, Evidence.clean(value))));
    }
  }

  private List<Tree.Branch> steps(List<VerdictStep> steps) {
    List<Tree.Branch> branches = new ArrayList<>();
    List<String> skipped = new ArrayList<>();
    for (VerdictStep step : steps) {
      if (step.getResult() == StepResult.STEP_RESULT_SKIPPED) {
        skipped.add(Evidence.clean(step.getName()));
      } else {
        branches.add(step(step));
      }
    }
    if (!skipped.isEmpty()) {
      branches.add(
          Tree.Branch.leaf(tree.paint(Tree.FAINT, "- not taken: " + String.join(", ", skipped))));
    }
    return branches;
  }

  private Tree.Branch step(VerdictStep step) {
    boolean passed = step.getResult() == StepResult.STEP_RESULT_PASSED;
    String name = "%-9s".formatted(Evidence.clean(step.getName()));
    String seen = Evidence.clean(step.getSeen());
    if (passed) {
      return Tree.Branch.leaf(
          (tree.paint(Tree.GREEN, "✓") + " " + name + " " + seen).stripTrailing());
    }
    List<Tree.Branch> below = new ArrayList<>();
    fact(below, "expected", step.getExpected());
    fact(below, "seen", step.getSeen());
    return new Tree.Branch(tree.paint(Tree.RED, "✗ " + name.strip()), below);
  }

  /** The first characters of a revision, which are enough for a person. */
  static String shortened(String revision) {
    return Evidence.clean(Federation.shortened(revision));
  }
}
