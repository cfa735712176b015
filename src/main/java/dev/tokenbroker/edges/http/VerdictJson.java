package dev.tokenbroker.edges.http;

import dev.tokenbroker.base.outcome.ShadowFinding;
import dev.tokenbroker.base.outcome.Trail;
import dev.tokenbroker.evaluate.exchange.Verdict;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Writes a verdict as JSON, with the field names of the protobuf message {@code Verdict}. */
final class VerdictJson {

  private VerdictJson() {}

  static String of(Verdict verdict) {
    return json(verdict).encodePrettily();
  }

  /**
   * A verdict with that of the candidate beside it.
   *
   * @param candidate null if there is none
   */
  static String of(Verdict verdict, @Nullable Verdict candidate) {
    JsonObject json = json(verdict);
    return (candidate == null ? json : json.put("candidate", json(candidate))).encodePrettily();
  }

  private static JsonObject json(Verdict verdict) {
    JsonArray steps = new JsonArray();
    verdict.steps().forEach(step -> steps.add(step(step)));
    JsonArray shadows = new JsonArray();
    verdict.shadowRules().forEach(finding -> shadows.add(shadow(finding)));
    JsonObject json =
        new JsonObject()
            .put("id", verdict.id())
            .put("evaluation_time", verdict.evaluationTime().toString())
            .put("intent", verdict.intent().label())
            .put("outcome", verdict.accepted() ? "accepted" : "refused");
    if (verdict.reason() != null) {
      json.put("reason", verdict.reason().name()).put("remedy", verdict.reason().remedy());
    }
    return json.put("federation_revision", verdict.federationRevision())
        .put("issuer", verdict.issuer())
        .put("rule", verdict.rule())
        .put("target", verdict.target())
        .put("steps", steps)
        .put("hints", new JsonArray(verdict.hints()))
        .put("notes", new JsonArray(verdict.notes()))
        .put("shadow_rules", shadows);
  }

  private static JsonObject shadow(ShadowFinding finding) {
    JsonObject json =
        new JsonObject()
            .put("rule", finding.rule())
            .put("outcome", finding.reason() == null ? "accepted" : "refused");
    return finding.reason() == null ? json : json.put("reason", finding.reason().name());
  }

  private static JsonObject step(Trail.Finding step) {
    return new JsonObject()
        .put("name", step.step().label())
        .put("result", step.result().name().toLowerCase(Locale.ROOT))
        .put("expected", step.expected())
        .put("seen", step.seen())
        .put("micros", step.nanos() / 1_000);
  }
}
