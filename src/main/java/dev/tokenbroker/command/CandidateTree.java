package dev.tokenbroker.command;

import dev.tokenbroker.base.refusal.Evidence;
import dev.tokenbroker.command.report.Colour;
import dev.tokenbroker.command.report.Node;
import dev.tokenbroker.command.report.Node.Result;
import dev.tokenbroker.command.report.Paragraph;
import dev.tokenbroker.command.report.TextPrinter;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
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

  /**
   * The tree; each line ends with a line break.
   *
   * @throws RuntimeException of {@link ReportJson} or of a time, if it is no report
   */
  static String of(JsonObject candidate) {
    List<String> problems = ReportJson.texts(candidate, "problems");
    List<Node> branches = new ArrayList<>();
    addTime(branches, "loaded", candidate, "load_time", 1);
    addLines(branches, "problems", Result.FAILED, problems);
    addLines(branches, "warnings", Result.WARNING, ReportJson.texts(candidate, "warnings"));
    List<Node> judged = judged(candidate);
    if (problems.isEmpty()) {
      branches.addAll(judged);
    }
    branches.addAll(EntryDiffTree.of(ReportJson.objects(candidate, "entries")));
    String revision = ReportJson.text(candidate, "revision");
    if (revision.isEmpty() && problems.isEmpty()) {
      return "the broker has no candidate\n";
    }
    String title = problems.isEmpty() ? Evidence.clean(revision) : Colour.RED.of("with problems");
    return TextPrinter.print(Node.of("candidate " + title, branches));
  }

  /** What is known of a candidate without problems. */
  private static List<Node> judged(JsonObject candidate) {
    double share = ReportJson.member(candidate, "share", Number.class, 0).doubleValue();
    if (!(share >= 0 && share <= 1)) { // nor not a number
      throw new IllegalArgumentException("no share");
    }
    List<Node> judged = new ArrayList<>();
    judged.add(cases(candidate));
    String compared = counts(ReportJson.object(candidate, "compared"));
    judged.add(fact("compared", percent(share) + " of exchanges: " + compared, 1));
    judged.add(fact("skipped", counts(ReportJson.object(candidate, "skipped")), 1));
    judged.addAll(differences(ReportJson.objects(candidate, "differences")));
    return judged;
  }

  private static void addTime(
      List<Node> branches, String name, JsonObject from, String member, int level) {
    if (!ReportJson.text(from, member).isEmpty()) {
      branches.add(
          fact(name, time(from, member).truncatedTo(ChronoUnit.SECONDS).toString(), level));
    }
  }

  private static Instant time(JsonObject from, String member) {
    String text = ReportJson.text(from, member);
    return text.isEmpty() ? Instant.EPOCH : Instant.parse(text);
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

  private static Node cases(JsonObject candidate) {
    long failed = ReportJson.count(candidate, "cases_failed");
    String text =
        "%-10s %d as expected, %d not"
            .formatted("cases", ReportJson.count(candidate, "cases_passed"), failed);
    return Node.of(
        failed == 0 ? text : Colour.RED.of(text),
        marked(Result.FAILED, ReportJson.texts(candidate, "case_failures")));
  }

  private static String counts(JsonObject counts) {
    String text =
        counts.fieldNames().stream()
            .sorted()
            .map(name -> ReportJson.count(counts, name) + " " + name)
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

  private static List<Node> differences(List<JsonObject> differences) {
    Map<String, List<JsonObject>> changes =
        new TreeMap<>(
            Comparator.comparingInt(CandidateTree::rank).thenComparing(Comparator.naturalOrder()));
    for (JsonObject difference : differences) {
      String change = ReportJson.text(difference, "change");
      changes.computeIfAbsent(change, _ -> new ArrayList<>()).add(difference);
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
  private static Node change(String change, List<JsonObject> differences) {
    long requests = differences.stream().mapToLong(CandidateTree::count).sum();
    List<Node> below =
        differences.stream()
            .sorted(Comparator.comparing(CandidateTree::lastTime).reversed())
            .map(CandidateTree::difference)
            .toList();
    String text =
        "%s: %d distinct, %d exchanges"
            .formatted(Evidence.clean(change), differences.size(), requests);
    return Node.of(Colour.YELLOW.of(text), Node.few(below));
  }

  private static Instant lastTime(JsonObject difference) {
    return time(difference, "last_time");
  }

  private static Node difference(JsonObject difference) {
    List<Node> below = new ArrayList<>();
    below.add(fact("in force", decision(ReportJson.object(difference, "in_force")), 3));
    below.add(fact("candidate", decision(ReportJson.object(difference, "candidate")), 3));
    JsonObject claims = ReportJson.object(difference, "claims");
    claims.fieldNames().stream()
        .sorted()
        .map(claim -> fact("claim", claim + " = " + ReportJson.text(claims, claim), 3))
        .forEach(below::add);
    addTime(below, "last", difference, "last_time", 3);
    List<String> scopes = ReportJson.texts(difference, "scopes");
    return Node.of(
        Paragraph.of(
            count(difference) + " × ",
            "%s %s → %s%s"
                .formatted(
                    ReportJson.text(difference, "issuer"),
                    ReportJson.text(difference, "subject"),
                    ReportJson.text(difference, "target"),
                    scopes.isEmpty() ? "" : " " + scopes),
            2),
        below);
  }

  private static long count(JsonObject difference) {
    return ReportJson.count(difference, "count");
  }

  private static String decision(JsonObject decision) {
    String rule = ReportJson.text(decision, "rule");
    if (!ReportJson.text(decision, "outcome").equals("accepted")) {
      String by = rule.isEmpty() ? "" : " by " + rule;
      return "refused" + by + ": " + ReportJson.text(decision, "reason");
    }
    return "accepted by %s as %s, scopes %s"
        .formatted(
            rule, ReportJson.text(decision, "subject"), ReportJson.texts(decision, "scopes"));
  }

  private static Node fact(String name, String value, int level) {
    return Node.leaf(Paragraph.of("%-10s ".formatted(name), value, level));
  }
}
