package dev.tokenbroker.http;

import dev.tokenbroker.federation.KeptRevision;
import dev.tokenbroker.federation.Place;
import dev.tokenbroker.federation.Problem;
import dev.tokenbroker.federation.diff.EntryDifference;
import dev.tokenbroker.federation.diff.ValueDifference;
import dev.tokenbroker.rehearsal.candidate.CandidateReport;
import dev.tokenbroker.rehearsal.candidate.DecisionDifference;
import dev.tokenbroker.rehearsal.candidate.FederationDecision;
import dev.tokenbroker.rehearsal.candidate.RevisionDiff;
import dev.tokenbroker.rehearsal.candidate.RolloutStatus;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Writes what operators see as JSON, with the field names of the protobuf messages. Fields without
 * a value are omitted.
 */
final class OperationsJson {

  private OperationsJson() {}

  static String candidate(CandidateReport report) {
    JsonObject compared = new JsonObject();
    report.compared().forEach((effect, count) -> compared.put(effect.label(), count));
    JsonObject skipped = new JsonObject();
    report.skipped().forEach((cause, count) -> skipped.put(cause.label(), count));
    JsonObject json = text(new JsonObject(), "revision", report.revision());
    return text(json, "load_time", report.loadedAt() == null ? null : "" + report.loadedAt())
        .put("problems", array(report.problems(), Problem::toString))
        .put("warnings", array(report.warnings(), Object::toString))
        .put("cases_passed", report.cases().passed())
        .put("cases_failed", report.cases().failed())
        .put("case_failures", array(report.cases().failures(), Problem::toString))
        .put("share", report.share())
        .put("compared", compared)
        .put("skipped", skipped)
        .put("differences", array(report.differences(), OperationsJson::difference))
        .encodePrettily();
  }

  private static JsonObject difference(DecisionDifference difference) {
    JsonObject claims = new JsonObject();
    difference.claims().forEach(claims::put);
    return new JsonObject()
        .put("change", difference.effect().label())
        .put("issuer", difference.issuer())
        .put("subject", difference.subject())
        .put("target", difference.target())
        .put("scopes", array(difference.scopes(), scope -> scope))
        .put("claims", claims)
        .put("in_force", decision(difference.inForce()))
        .put("candidate", decision(difference.candidate()))
        .put("count", difference.count())
        .put("first_time", difference.firstTime().toString())
        .put("last_time", difference.lastTime().toString());
  }

  private static JsonObject decision(FederationDecision decision) {
    JsonObject json =
        new JsonObject().put("outcome", decision.isAccepted() ? "accepted" : "refused");
    text(json, "reason", decision.reason() == null ? null : decision.reason().name());
    text(json, "rule", decision.rule());
    text(json, "subject", decision.subject());
    return decision.isAccepted()
        ? json.put("scopes", array(decision.scopes(), scope -> scope))
        : json;
  }

  static String rollout(RolloutStatus status) {
    JsonObject json = text(new JsonObject(), "revision", status.revision());
    return text(json, "candidate_revision", status.candidate())
        .put("keeps_history", status.keepsHistory())
        .put("kept", array(status.kept(), OperationsJson::kept))
        .put("problems", array(status.problems(), problem -> problem))
        .encodePrettily();
  }

  private static JsonObject kept(KeptRevision kept) {
    return new JsonObject()
        .put("revision", kept.revision())
        .put("time", kept.time().toString())
        .put("action", kept.action().label())
        .put("by", kept.by())
        .put("reason", kept.reason());
  }

  static String diff(RevisionDiff diff) {
    return new JsonObject()
        .put("from", diff.from())
        .put("to", diff.to())
        .put("entries", array(diff.entries(), OperationsJson::entry))
        .encodePrettily();
  }

  private static JsonObject entry(EntryDifference entry) {
    JsonObject json =
        new JsonObject()
            .put("section", entry.section().label())
            .put("name", entry.name())
            .put("change", entry.change().label());
    text(json, "from_place", place(entry.from()));
    text(json, "to_place", place(entry.to()));
    return json.put("values", array(entry.values(), OperationsJson::value));
  }

  private static JsonObject value(ValueDifference value) {
    JsonObject json = new JsonObject().put("path", value.path());
    text(json, "from", value.from());
    text(json, "to", value.to());
    text(json, "from_place", place(value.fromPlace()));
    return text(json, "to_place", place(value.toPlace()));
  }

  private static @Nullable String place(@Nullable Place place) {
    return place == null ? null : place.file() + ":" + place.line();
  }

  private static JsonObject text(JsonObject json, String name, @Nullable String value) {
    return value == null || value.isEmpty() ? json : json.put(name, value);
  }

  private static <T> JsonArray array(List<T> values, Function<T, Object> json) {
    JsonArray array = new JsonArray();
    values.forEach(value -> array.add(json.apply(value)));
    return array;
  }
}
