package dev.tokenbroker.edges.http.operator;

import dev.tokenbroker.base.yaml.Place;
import dev.tokenbroker.base.yaml.Problem;
import dev.tokenbroker.evaluate.federation.diff.DocumentDiff.EntryDifference;
import dev.tokenbroker.evaluate.federation.diff.DocumentDiff.ValueDifference;
import dev.tokenbroker.operate.candidate.CandidateReport;
import dev.tokenbroker.operate.candidate.DecisionDifference;
import dev.tokenbroker.operate.candidate.FederationDecision;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Makes the JSON that operators see of the candidate. The names of its members are API. */
final class CandidateMembers {

  private static final int MAX_DIFFERENCE_BYTES = 3 << 20;

  private CandidateMembers() {}

  static JsonObject of(CandidateReport report) {
    JsonObject json = new JsonObject().put("revision", text(report.revision()));
    if (report.loadedAt() != null) {
      json.put("load_time", time(report.loadedAt()));
    }
    JsonObject compared = new JsonObject();
    report.compared().forEach((effect, n) -> compared.put(effect.label(), n));
    JsonObject skipped = new JsonObject();
    report.skipped().forEach((cause, n) -> skipped.put(cause.label(), n));
    return json.put("problems", report.problems().stream().map(Problem::toString).toList())
        .put("warnings", report.warnings().stream().map(Object::toString).toList())
        .put("cases_passed", report.cases().passed())
        .put("cases_failed", report.cases().failed())
        .put("case_failures", report.cases().failures().stream().map(Problem::toString).toList())
        .put("share", report.share())
        .put("compared", compared)
        .put("skipped", skipped)
        .put("differences", differences(report.differences()))
        .put("entries", report.entries().stream().map(CandidateMembers::entry).toList());
  }

  /** The newest differences, as many as {@value #MAX_DIFFERENCE_BYTES} bytes hold. */
  private static JsonArray differences(List<DecisionDifference> differences) {
    JsonArray held = new JsonArray();
    int bytes = 0;
    for (DecisionDifference each : differences) {
      JsonObject difference = difference(each);
      bytes += difference.toBuffer().length();
      if (bytes > MAX_DIFFERENCE_BYTES) {
        break;
      }
      held.add(difference);
    }
    return held;
  }

  private static JsonObject difference(DecisionDifference difference) {
    return new JsonObject()
        .put("change", difference.effect().label())
        .put("issuer", difference.issuer())
        .put("subject", difference.subject())
        .put("target", difference.target())
        .put("scopes", difference.scopes())
        .put("claims", difference.claims())
        .put("in_force", decision(difference.inForce()))
        .put("candidate", decision(difference.candidate()))
        .put("count", difference.count())
        .put("first_time", time(difference.firstTime()))
        .put("last_time", time(difference.lastTime()));
  }

  private static JsonObject decision(FederationDecision decision) {
    return new JsonObject()
        .put("outcome", decision.isAccepted() ? "accepted" : "refused")
        .put("reason", decision.reason() == null ? "" : decision.reason().name())
        .put("rule", text(decision.rule()))
        .put("subject", text(decision.subject()))
        .put("scopes", decision.scopes());
  }

  private static JsonObject entry(EntryDifference entry) {
    return new JsonObject()
        .put("section", entry.section().label())
        .put("name", entry.name())
        .put("change", entry.change().label())
        .put("from_place", place(entry.from()))
        .put("to_place", place(entry.to()))
        .put("values", entry.values().stream().map(CandidateMembers::value).toList());
  }

  private static JsonObject value(ValueDifference value) {
    return new JsonObject()
        .put("path", value.path())
        .put("from", value.from())
        .put("to", value.to())
        .put("from_place", place(value.fromPlace()))
        .put("to_place", place(value.toPlace()));
  }

  private static String time(Instant time) {
    return time.truncatedTo(ChronoUnit.MILLIS).toString();
  }

  private static String place(@Nullable Place place) {
    return place == null ? "" : place.file() + ":" + place.line();
  }

  private static String text(@Nullable String text) {
    return Objects.requireNonNullElse(text, "");
  }
}
