package dev.tokenbroker.command;

import dev.tokenbroker.base.outcome.Evidence;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.operate.cases.CaseReport;
import dev.tokenbroker.operate.cases.CaseReport.Pair;
import dev.tokenbroker.operate.cases.Expectation.Difference;
import dev.tokenbroker.operate.cases.Judgement;
import dev.tokenbroker.operate.cases.RuleCoverage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The results of case files as a tree for a person. Pairs that are refused unlisted are counted.
 */
final class CaseText {

  private final Tree tree;

  CaseText(boolean coloured) {
    this.tree = new Tree(coloured);
  }

  /** One file. */
  String of(CaseReport report) {
    List<Tree.Branch> branches = new ArrayList<>();
    long quiet = 0;
    for (Pair pair : report.pairs()) {
      if (pair.passed() && pair.testCase().equals(Pair.UNLISTED)) {
        quiet++;
      } else {
        branches.add(branch(pair));
      }
    }
    if (quiet > 0) {
      String text =
          "- refused, since no case names them: " + quiet + (quiet == 1 ? " pair" : " pairs");
      branches.add(Tree.Branch.leaf(tree.paint(Tree.FAINT, text)));
    }
    StringBuilder text = new StringBuilder();
    text.append(Evidence.clean(report.file()))
        .append(", revision ")
        .append(Federation.shortened(report.revision()))
        .append('\n');
    Tree.draw(branches, "", text);
    return text.toString();
  }

  private Tree.Branch branch(Pair pair) {
    String name =
        Evidence.clean(pair.testCase() + ": " + pair.identity() + " → " + pair.audience());
    if (pair.passed()) {
      return Tree.Branch.leaf(tree.paint(Tree.GREEN, "✓") + " " + name);
    }
    List<Tree.Branch> below = new ArrayList<>();
    for (Difference one : pair.differences()) {
      below.add(line(one.what(), "expected " + one.expected() + ", got " + one.got()));
    }
    if (pair.judgement() instanceof Judgement.Denied denied) {
      below.add(line("step", denied.step().label() + ": " + denied.seen()));
      denied.notes().forEach(note -> below.add(line("note", note)));
      denied.hints().forEach(hint -> below.add(line("hint", hint)));
    }
    return new Tree.Branch(tree.paint(Tree.RED, "✗ " + name), below);
  }

  /** The text is evidence, which is clean. */
  private static Tree.Branch line(String what, String text) {
    return Tree.Branch.leaf("%-9s %s".formatted(what, text));
  }

  /** All files together, in one or two lines. */
  String summary(List<CaseReport> reports, Map<String, RuleCoverage> coverage) {
    long judged = reports.stream().mapToLong(report -> report.pairs().size()).sum();
    long failed = reports.stream().mapToLong(report -> report.failed().size()).sum();
    StringBuilder text = new StringBuilder();
    text.append(
        failed == 0
            ? tree.paint(Tree.GREEN, "%d pairs, all as expected".formatted(judged))
            : tree.paint(Tree.RED, "%d of %d pairs not as expected".formatted(failed, judged)));
    text.append('\n');
    coverage.forEach(
        (document, rules) -> {
          List<String> open = rules.uncovered();
          text.append(
              "%s: %d of %d rules covered%s\n"
                  .formatted(
                      Evidence.clean(document),
                      rules.tallies().size() - open.size(),
                      rules.tallies().size(),
                      open.isEmpty() ? "" : "; not covered: " + describe(rules, open)));
        });
    return text.toString();
  }

  private static String describe(RuleCoverage rules, List<String> open) {
    return String.join(
        ", ", open.stream().map(rule -> rule + " (" + lacks(rules.tallies(), rule) + ")").toList());
  }

  private static String lacks(Map<String, RuleCoverage.Tally> tallies, String rule) {
    RuleCoverage.Tally tally = tallies.getOrDefault(rule, new RuleCoverage.Tally(0, 0, false));
    boolean accepts = tally.accepted() > 0 || tally.disabled();
    if (accepts) {
      return "refuses nobody";
    }
    return tally.refused() > 0 ? "accepts nobody" : "not tried";
  }
}
