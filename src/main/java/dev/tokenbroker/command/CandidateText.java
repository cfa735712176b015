package dev.tokenbroker.command;

import com.google.protobuf.util.Timestamps;
import dev.tokenbroker.base.outcome.Evidence;
import dev.tokenbroker.reports.Candidate;
import dev.tokenbroker.reports.CandidateDifference;
import dev.tokenbroker.reports.Decision;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A candidate and what it would change, as a tree for a person. */
final class CandidateText {

  /** The changes, the worst first; others that a newer broker names come after them. */
  private static final List<String> CHANGES =
      List.of("newly-accepted", "newly-refused", "other-rule", "other-grant");

  private static final int SHOWN = 20;

  private final Tree tree;

  CandidateText(boolean coloured) {
    this.tree = new Tree(coloured);
  }

  /** The tree; each line ends with a line break. */
  String of(Candidate candidate) {
    boolean broken = candidate.getProblemsCount() > 0;
    if (candidate.getRevision().isEmpty() && !broken) {
      return "the broker has no candidate\n";
    }
    List<Tree.Branch> branches = new ArrayList<>();
    if (candidate.hasLoadTime()) {
      branches.add(fact("loaded", Times.seconds(candidate.getLoadTime()), 1));
    }
    addLines(branches, "problems", Tree.RED, "✗", candidate.getProblemsList());
    addLines(branches, "warnings", Tree.YELLOW, "!", candidate.getWarningsList());
    if (!broken) {
      branches.add(cases(candidate));
      branches.add(
          fact(
              "compared",
              percent(candidate.getShare())
                  + " of exchanges: "
                  + counts(candidate.getComparedMap()),
              1));
      branches.add(fact("skipped", counts(candidate.getSkippedMap()), 1));
      branches.addAll(differences(candidate.getDifferencesList()));
    }
    branches.addAll(new EntryDiffText(tree).of(candidate.getEntriesList()));
    StringBuilder text = new StringBuilder("candidate ");
    text.append(
        broken ? tree.paint(Tree.RED, "with problems") : Evidence.clean(candidate.getRevision()));
    text.append('\n');
    Tree.draw(branches, "", text);
    return text.toString();
  }

  private void addLines(
      List<Tree.Branch> branches, String name, String colour, String mark, List<String> lines) {
    if (!lines.isEmpty()) {
      branches.add(
          new Tree.Branch(
              name, lines.stream().map(line -> tree.marked(colour, mark, line)).toList()));
    }
  }

  private Tree.Branch cases(Candidate candidate) {
    long failed = Integer.toUnsignedLong(candidate.getCasesFailed());
    String text =
        "%-10s %d as expected, %d not"
            .formatted("cases", Integer.toUnsignedLong(candidate.getCasesPassed()), failed);
    return new Tree.Branch(
        failed == 0 ? text : tree.paint(Tree.RED, text),
        candidate.getCaseFailuresList().stream().map(tree::problem).toList());
  }

  private static String counts(Map<String, Integer> counts) {
    String text =
        new TreeMap<>(counts)
            .entrySet().stream()
                .map(count -> Integer.toUnsignedLong(count.getValue()) + " " + count.getKey())
                .collect(Collectors.joining(", "));
    return text.isEmpty() ? "none" : text;
  }

  private static String percent(double share) {
    return BigDecimal.valueOf(share * 100)
            .setScale(2, RoundingMode.HALF_UP)
            .stripTrailingZeros()
            .toPlainString()
        + " %";
  }

  private List<Tree.Branch> differences(List<CandidateDifference> differences) {
    Map<String, List<CandidateDifference>> changes =
        new TreeMap<>(
            Comparator.comparingInt(CandidateText::rank).thenComparing(Comparator.naturalOrder()));
    for (CandidateDifference difference : differences) {
      changes.computeIfAbsent(difference.getChange(), _ -> new ArrayList<>()).add(difference);
    }
    List<Tree.Branch> branches = new ArrayList<>();
    changes.forEach((change, those) -> branches.add(change(change, those)));
    return branches;
  }

  private static int rank(String change) {
    int rank = CHANGES.indexOf(change);
    return rank < 0 ? CHANGES.size() : rank;
  }

  /** The differences of one change, the newest first. */
  private Tree.Branch change(String change, List<CandidateDifference> differences) {
    long requests = differences.stream().mapToLong(CandidateText::count).sum();
    List<Tree.Branch> below =
        differences.stream()
            .sorted(
                Comparator.comparing(CandidateDifference::getLastTime, Timestamps.comparator())
                    .reversed())
            .limit(SHOWN)
            .map(CandidateText::difference)
            .collect(Collectors.toCollection(ArrayList::new));
    if (differences.size() > SHOWN) {
      below.add(
          Tree.Branch.leaf("and %d more; --json shows all".formatted(differences.size() - SHOWN)));
    }
    String text =
        "%s: %d distinct, %d exchanges"
            .formatted(Evidence.clean(change), differences.size(), requests);
    return new Tree.Branch(tree.paint(Tree.YELLOW, text), below);
  }

  private static Tree.Branch difference(CandidateDifference difference) {
    List<Tree.Branch> below = new ArrayList<>();
    below.add(fact("in force", decision(difference.getInForce()), 3));
    below.add(fact("candidate", decision(difference.getCandidate()), 3));
    new TreeMap<>(difference.getClaimsMap())
        .forEach((claim, value) -> below.add(fact("claim", claim + " = " + value, 3)));
    if (difference.hasLastTime()) {
      below.add(fact("last", Times.seconds(difference.getLastTime()), 3));
    }
    String scopes = difference.getScopesCount() == 0 ? "" : " " + difference.getScopesList();
    return new Tree.Branch(
        Paragraph.of(
            count(difference) + " × ",
            "%s %s → %s%s"
                .formatted(
                    difference.getIssuer(),
                    difference.getSubject(),
                    difference.getTarget(),
                    scopes),
            2),
        below);
  }

  private static long count(CandidateDifference difference) {
    return Integer.toUnsignedLong(difference.getCount());
  }

  private static String decision(Decision decision) {
    if (!decision.getOutcome().equals("accepted")) {
      String rule = decision.getRule().isEmpty() ? "" : " by " + decision.getRule();
      return "refused" + rule + ": " + decision.getReason();
    }
    return "accepted by %s as %s, scopes %s"
        .formatted(decision.getRule(), decision.getSubject(), decision.getScopesList());
  }

  private static Tree.Branch fact(String name, String value, int level) {
    return Tree.Branch.leaf(Paragraph.of("%-10s ".formatted(name), value, level));
  }
}
