package dev.tokenbroker.command;

import dev.tokenbroker.evaluate.federation.document.Durations;
import dev.tokenbroker.operate.cases.CaseReport;
import dev.tokenbroker.operate.cases.CaseReport.Pair;
import dev.tokenbroker.operate.cases.Expectation.Difference;
import dev.tokenbroker.operate.cases.Judgement;
import dev.tokenbroker.operate.cases.RuleCoverage;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The results of case files as JSON. */
final class CaseJson {

  private CaseJson() {}

  /** One document that ends with a line break. */
  static String of(List<CaseReport> reports, Map<String, RuleCoverage> coverage) {
    JsonArray files = new JsonArray();
    reports.forEach(report -> files.add(file(report)));
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
    long failed = reports.stream().mapToLong(report -> report.failed().size()).sum();
    return new JsonObject()
            .put("passed", failed == 0)
            .put("failures", failed)
            .put("files", files)
            .put("coverage", rules)
            .encodePrettily()
        + "\n";
  }

  private static JsonObject file(CaseReport report) {
    JsonArray pairs = new JsonArray();
    report.pairs().forEach(pair -> pairs.add(pair(pair)));
    return new JsonObject()
        .put("file", report.file())
        .put("federation_revision", report.revision())
        .put("pairs", pairs);
  }

  private static JsonObject pair(Pair pair) {
    JsonArray differences = new JsonArray();
    for (Difference one : pair.differences()) {
      differences.add(
          new JsonObject()
              .put("what", one.what())
              .put("expected", one.expected())
              .put("got", one.got()));
    }
    JsonObject json =
        new JsonObject()
            .put("case", pair.testCase())
            .put("line", pair.line())
            .put("identity", pair.identity())
            .put("audience", pair.audience())
            .put("passed", pair.passed())
            .put("differences", differences);
    return switch (pair.judgement()) {
      case Judgement.Granted granted ->
          json.put("outcome", "accepted")
              .put("rule", granted.rule())
              .put("subject", granted.subject())
              .put("scopes", new JsonArray(granted.scopes()))
              .put("claims", new JsonObject(new TreeMap<>(granted.claims())))
              .put("lifetime", lifetime(granted));
      case Judgement.Denied denied ->
          json.put("outcome", "refused")
              .put("reason", denied.reason().name())
              .put("step", denied.step().label())
              .put("seen", denied.seen())
              .put("hints", new JsonArray(denied.hints()))
              .put("notes", new JsonArray(denied.notes()));
    };
  }

  private static @Nullable String lifetime(Judgement.Granted granted) {
    return granted.lifetime() == null ? null : Durations.format(granted.lifetime());
  }
}
