package dev.tokenbroker.command;

import com.google.protobuf.util.Timestamps;
import dev.tokenbroker.base.outcome.Evidence;
import dev.tokenbroker.command.report.Colour;
import dev.tokenbroker.command.report.Node;
import dev.tokenbroker.command.report.Node.Result;
import dev.tokenbroker.command.report.Paragraph;
import dev.tokenbroker.command.report.TextPrinter;
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
final class CandidateTree {

  /** The changes, the worst first; others that a newer broker names come after them. */
  private static final List<String> CHANGES =
      List.of("newly-accepted", "newly-refused", "other-rule", "other-grant");

  /** The columns of a mark and the blank after it. */
  private static final int MARK = 2;

  private CandidateTree() {}

  /** The tree; each line ends with a line break. */
  static String of(Candidate candidate) {
    boolean broken = candidate.getProblemsCount() > 0;
    if (candidate.getRevision().isEmpty() && !broken) {
      return "the broker has no candidate\n";
    }
    List<Node> branches = new ArrayList<>();
    if (candidate.hasLoadTime()) {
      branches.add(fact("loaded", Times.seconds(candidate.getLoadTime()), 1));
    }
    addLines(branches, "problems", Result.FAILED, candidate.getProblemsList());
    addLines(branches, "warnings", Result.WARNING, candidate.getWarningsList());
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
    branches.addAll(EntryDiffTree.of(candidate.getEntriesList()));
    String title =
        broken ? Colour.RED.of("with problems") : Evidence.clean(candidate.getRevision());
    return TextPrinter.print(Node.of("candidate " + title, branches));
  }

  private static void addLines(
      List<Node> branches, String name, Result result, List<String> lines) {
    if (!lines.isEmpty()) {
      branches.add(Node.of(name, marked(result, lines)));
    }
  }

  /** Marked lines on the second level. */
  private static List<Node> marked(Result result, List<String> lines) {
    return lines.stream()
        .map(line -> Paragraph.lines(line, Paragraph.COLUMNS - 2 * Paragraph.LEVEL - MARK))
        .map(broken -> Node.leaf(result, String.join("\n" + " ".repeat(MARK), broken)))
        .toList();
  }

  private static Node cases(Candidate candidate) {
    long failed = Integer.toUnsignedLong(candidate.getCasesFailed());
    String text =
        "%-10s %d as expected, %d not"
            .formatted("cases", Integer.toUnsignedLong(candidate.getCasesPassed()), failed);
    return Node.of(
        failed == 0 ? text : Colour.RED.of(text),
        marked(Result.FAILED, candidate.getCaseFailuresList()));
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

  private static List<Node> differences(List<CandidateDifference> differences) {
    Map<String, List<CandidateDifference>> changes =
        new TreeMap<>(
            Comparator.comparingInt(CandidateTree::rank).thenComparing(Comparator.naturalOrder()));
    for (CandidateDifference difference : differences) {
      changes.computeIfAbsent(difference.getChange(), _ -> new ArrayList<>()).add(difference);
    }
    List<Node> branches = new ArrayList<>();
    changes.forEach((change, those) -> branches.add(change(change, those)));
    return branches;
  }

  private static int rank(String change) {
    int rank = CHANGES.indexOf(change);
    return rank < 0 ? CHANGES.size() : rank;
  }

  /** The differences of one change, the newest first. */
  private static Node change(String change, List<CandidateDifference> differences) {
    long requests = differences.stream().mapToLong(CandidateTree::count).sum();
    List<Node> below =
        differences.stream()
            .sorted(
                Comparator.comparing(CandidateDifference::getLastTime, Timestamps.comparator())
                    .reversed())
            .map(CandidateTree::difference)
            .toList();
    String text =
        "%s: %d distinct, %d exchanges"
            .formatted(Evidence.clean(change), differences.size(), requests);
    return Node.of(Colour.YELLOW.of(text), Node.few(below));
  }

  private static Node difference(CandidateDifference difference) {
    List<Node> below = new ArrayList<>();
    below.add(fact("in force", decision(difference.getInForce()), 3));
    below.add(fact("candidate", decision(difference.getCandidate()), 3));
    new TreeMap<>(difference.getClaimsMap())
        .forEach((claim, value) -> below.add(fact("claim", claim + " = " + value, 3)));
    if (difference.hasLastTime()) {
      below.add(fact("last", Times.seconds(difference.getLastTime()), 3));
    }
    String scopes = difference.getScopesCount() == 0 ? "" : " " + difference.getScopesList();
    return Node.of(
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

  private static Node fact(String name, String value, int level) {
    return Node.leaf(Paragraph.of("%-10s ".formatted(name), value, level));
  }
}
