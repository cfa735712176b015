package dev.tokenbroker.command;

import dev.tokenbroker.base.refusal.Evidence;
import dev.tokenbroker.base.yaml.Durations;
import dev.tokenbroker.command.report.Colour;
import dev.tokenbroker.command.report.Node;
import dev.tokenbroker.command.report.Node.Fact;
import dev.tokenbroker.command.report.Node.Result;
import dev.tokenbroker.command.report.TextPrinter;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.operate.cases.CaseReport;
import dev.tokenbroker.operate.cases.CaseReport.Pair;
import dev.tokenbroker.operate.cases.Expectation.Difference;
import dev.tokenbroker.operate.cases.Judgement;
import dev.tokenbroker.operate.cases.RuleCoverage;
import dev.tokenbroker.operate.cases.RuleCoverage.Tally;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The results of case files: a node for each file, and one below it for each pair. */
final class CaseOutput {

  private CaseOutput() {}

  static Node of(CaseReport report) {
    List<Node> pairs = report.pairs().stream().map(CaseOutput::pair).toList();
    JsonObject values =
        new JsonObject()
            .put("file", report.file())
            .put("federation_revision", report.revision())
            .put("pairs", Node.values(pairs));
    return new Node(Result.NONE, report.file(), List.of(), List.of(), pairs, values);
  }

  private static Node pair(Pair pair) {
    return new Node(
        pair.passed() ? Result.PASSED : Result.FAILED,
        pair.testCase() + ": " + pair.identity() + " → " + pair.audience(),
        pair.differences().stream().map(CaseOutput::fact).toList(),
        pair.passed() ? List.of() : details(pair.judgement()),
        List.of(),
        values(pair));
  }

  private static Fact fact(Difference one) {
    return new Fact(one.what(), "expected " + one.expected() + ", got " + one.got());
  }

  /** The texts are evidence, which is clean. */
  private static List<Fact> details(Judgement judgement) {
    List<Fact> details = new ArrayList<>();
    if (judgement instanceof Judgement.Denied denied) {
      details.add(new Fact("step", denied.step().label() + ": " + denied.seen()));
      denied.notes().forEach(note -> details.add(new Fact("note", note)));
      denied.hints().forEach(hint -> details.add(new Fact("hint", hint)));
    }
    return details;
  }

  private static JsonObject values(Difference one) {
    return JsonObject.of("what", one.what(), "expected", one.expected(), "got", one.got());
  }

  private static JsonObject values(Pair pair) {
    JsonObject json =
        new JsonObject()
            .put("case", pair.testCase())
            .put("line", pair.line())
            .put("identity", pair.identity())
            .put("audience", pair.audience())
            .put("passed", pair.passed())
            .put("differences", pair.differences().stream().map(CaseOutput::values).toList());
    return switch (pair.judgement()) {
      case Judgement.Granted granted ->
          json.put("outcome", "accepted")
              .put("rule", granted.rule())
              .put("subject", granted.subject())
              .put("scopes", granted.scopes())
              .put("claims", new TreeMap<>(granted.claims()))
              .put(
                  "lifetime",
                  granted.lifetime() == null ? null : Durations.format(granted.lifetime()));
      case Judgement.Denied denied ->
          json.put("outcome", "refused")
              .put("reason", denied.reason().name())
              .put("step", denied.step().label())
              .put("seen", denied.seen())
              .put("hints", denied.hints())
              .put("notes", denied.notes());
    };
  }

  /** One JSON document for all files. */
  static JsonObject json(List<CaseReport> reports, Map<String, RuleCoverage> coverage) {
    JsonArray rules = new JsonArray();
    coverage.forEach(
        (document, covered) ->
            covered
                .tallies()
                .forEach(
                    (rule, tally) ->
                        rules.add(
                            new JsonObject()
                                .put("federation", document)
                                .put("rule", rule)
                                .put("accepted", tally.accepted())
                                .put("refused", tally.refused())
                                .put("covered", tally.isCovered()))));
    long failed = failed(reports);
    return new JsonObject()
        .put("passed", failed == 0)
        .put("failures", failed)
        .put("files", Node.values(reports.stream().map(CaseOutput::of).toList()))
        .put("coverage", rules);
  }

  private static long failed(List<CaseReport> reports) {
    return reports.stream().mapToLong(report -> report.failed().size()).sum();
  }

  /** One file for a person. Pairs that are refused unlisted are counted. */
  static String text(CaseReport report) {
    Node file = of(report);
    List<Node> shown = new ArrayList<>();
    for (int at = 0; at < report.pairs().size(); at++) {
      if (!isQuiet(report.pairs().get(at))) {
        Node pair = file.below().get(at);
        shown.add(pair.with(Evidence.clean(pair.title()), List.of()));
      }
    }
    int quiet = report.pairs().size() - shown.size();
    if (quiet > 0) {
      String text =
          "refused, since no case names them: " + quiet + (quiet == 1 ? " pair" : " pairs");
      shown.add(Node.leaf(Result.SKIPPED, text));
    }
    String revision = Federation.shortened(report.revision());
    return TextPrinter.print(
        file.with(Evidence.clean(report.file()) + ", revision " + revision, shown));
  }

  private static boolean isQuiet(Pair pair) {
    return pair.passed() && pair.testCase().equals(Pair.UNLISTED);
  }

  /** All files together for a person, in one or two lines. */
  static String summary(List<CaseReport> reports, Map<String, RuleCoverage> coverage) {
    long judged = reports.stream().mapToLong(report -> report.pairs().size()).sum();
    long failed = failed(reports);
    StringBuilder text =
        new StringBuilder(
            failed == 0
                ? Colour.GREEN.of("%d pairs, all as expected".formatted(judged))
                : Colour.RED.of("%d of %d pairs not as expected".formatted(failed, judged)));
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

  private static String lacks(Map<String, Tally> tallies, String rule) {
    Tally tally = tallies.getOrDefault(rule, new Tally(0, 0, false));
    if (tally.accepted() > 0 || tally.disabled()) {
      return "refuses nobody";
    }
    return tally.refused() > 0 ? "accepts nobody" : "not tried";
  }
}
