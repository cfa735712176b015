package dev.tokenbroker.command;

import dev.tokenbroker.outcome.Evidence;
import dev.tokenbroker.v1.Outcome;
import dev.tokenbroker.v1.StepResult;
import dev.tokenbroker.v1.Verdict;
import dev.tokenbroker.v1.VerdictStep;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * A verdict as a tree for a person: its end, its subject, the steps taken, and the remedy. A
 * broker's response is cleaned like any other text from outside.
 */
final class VerdictTree {

  private static final String GREEN = "\u001B[32m";
  private static final String RED = "\u001B[31m";
  private static final String FAINT = "\u001B[2m";
  private static final String PLAIN = "\u001B[0m";
  private static final int REVISION_CHARS = 12;

  private final boolean coloured;

  VerdictTree(boolean coloured) {
    this.coloured = coloured;
  }

  /** A line of the tree, and the branches below it. */
  private record Branch(String text, List<Branch> below) {
    static Branch leaf(String text) {
      return new Branch(text, List.of());
    }
  }

  /** The tree; each line ends with a line break. */
  String of(Verdict verdict) {
    boolean accepted = verdict.getOutcome() == Outcome.OUTCOME_ACCEPTED;
    List<Branch> branches = new ArrayList<>();
    fact(branches, "target", verdict.getTarget());
    fact(branches, "issuer", verdict.getIssuer());
    fact(branches, "rule", verdict.getRule());
    fact(branches, "revision", shortened(verdict.getFederationRevision()));
    fact(
        branches,
        "verdict",
        verdict.getId() + " at " + Instant.ofEpochSecond(verdict.getEvaluationTime().getSeconds()));
    branches.add(new Branch("steps", steps(verdict.getStepsList())));
    verdict.getHintsList().forEach(hint -> fact(branches, "hint", hint));
    fact(branches, "remedy", verdict.getRemedy());
    StringBuilder text = new StringBuilder();
    text.append(
        accepted
            ? paint(GREEN, "accepted")
            : paint(RED, "refused: " + Evidence.clean(verdict.getReason())));
    text.append('\n');
    draw(branches, "", text);
    return text.toString();
  }

  private static void fact(List<Branch> branches, String name, String value) {
    if (!value.isEmpty()) {
      branches.add(Branch.leaf("%-9s %s".formatted(name, Evidence.clean(value))));
    }
  }

  private List<Branch> steps(List<VerdictStep> steps) {
    List<Branch> branches = new ArrayList<>();
    List<String> skipped = new ArrayList<>();
    for (VerdictStep step : steps) {
      if (step.getResult() == StepResult.STEP_RESULT_SKIPPED) {
        skipped.add(Evidence.clean(step.getName()));
      } else {
        branches.add(step(step));
      }
    }
    if (!skipped.isEmpty()) {
      branches.add(Branch.leaf(paint(FAINT, "- not taken: " + String.join(", ", skipped))));
    }
    return branches;
  }

  private Branch step(VerdictStep step) {
    boolean passed = step.getResult() == StepResult.STEP_RESULT_PASSED;
    String name = "%-9s".formatted(Evidence.clean(step.getName()));
    String seen = Evidence.clean(step.getSeen());
    if (passed) {
      return Branch.leaf((paint(GREEN, "✓") + " " + name + " " + seen).stripTrailing());
    }
    List<Branch> below = new ArrayList<>();
    fact(below, "expected", step.getExpected());
    fact(below, "seen", step.getSeen());
    return new Branch(paint(RED, "✗ " + name.strip()), below);
  }

  private static void draw(List<Branch> branches, String indent, StringBuilder text) {
    for (Iterator<Branch> left = branches.iterator(); left.hasNext(); ) {
      Branch branch = left.next();
      boolean last = !left.hasNext();
      text.append(indent).append(last ? "└─ " : "├─ ").append(branch.text()).append('\n');
      draw(branch.below(), indent + (last ? "   " : "│  "), text);
    }
  }

  private static String shortened(String revision) {
    return revision.length() > REVISION_CHARS ? revision.substring(0, REVISION_CHARS) : revision;
  }

  private String paint(String colour, String text) {
    return coloured ? colour + text + PLAIN : text;
  }
}
