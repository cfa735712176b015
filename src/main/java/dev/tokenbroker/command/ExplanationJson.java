package dev.tokenbroker.command;

import com.google.protobuf.Timestamp;
import dev.tokenbroker.v1.Outcome;
import dev.tokenbroker.v1.ShadowRule;
import dev.tokenbroker.v1.StepResult;
import dev.tokenbroker.v1.Verdict;
import dev.tokenbroker.v1.VerdictStep;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;

/** A verdict as JSON, with the names of the API's message; empty members are left out. */
final class ExplanationJson {

  private ExplanationJson() {}

  /** One document that ends with a line break. */
  static String of(Verdict verdict) {
    JsonArray steps = new JsonArray();
    verdict.getStepsList().forEach(step -> steps.add(step(step)));
    JsonObject json = new JsonObject();
    put(json, "id", verdict.getId());
    json.put("evaluation_time", time(verdict.getEvaluationTime()));
    json.put("outcome", outcome(verdict.getOutcome()));
    put(json, "reason", verdict.getReason());
    put(json, "remedy", verdict.getRemedy());
    put(json, "federation_revision", verdict.getFederationRevision());
    put(json, "issuer", verdict.getIssuer());
    put(json, "rule", verdict.getRule());
    put(json, "target", verdict.getTarget());
    json.put("steps", steps);
    json.put(
        "hints", new JsonArray(verdict.getHintsList().stream().map(Object.class::cast).toList()));
    if (verdict.getShadowRulesCount() > 0) {
      JsonArray shadows = new JsonArray();
      verdict.getShadowRulesList().forEach(rule -> shadows.add(shadow(rule)));
      json.put("shadow_rules", shadows);
    }
    return json.encodePrettily() + "\n";
  }

  private static JsonObject shadow(ShadowRule rule) {
    JsonObject json =
        new JsonObject().put("rule", rule.getRule()).put("outcome", outcome(rule.getOutcome()));
    put(json, "reason", rule.getReason());
    return json;
  }

  private static String outcome(Outcome outcome) {
    return outcome == Outcome.OUTCOME_ACCEPTED ? "accepted" : "refused";
  }

  private static JsonObject step(VerdictStep step) {
    JsonObject json =
        new JsonObject().put("name", step.getName()).put("result", result(step.getResult()));
    put(json, "expected", step.getExpected());
    put(json, "seen", step.getSeen());
    return json;
  }

  private static String result(StepResult result) {
    return switch (result) {
      case STEP_RESULT_PASSED -> "passed";
      case STEP_RESULT_FAILED -> "failed";
      case STEP_RESULT_SKIPPED -> "skipped";
      case STEP_RESULT_UNSPECIFIED, UNRECOGNIZED -> "unknown";
    };
  }

  private static void put(JsonObject json, String name, String value) {
    if (!value.isEmpty()) {
      json.put(name, value);
    }
  }

  private static String time(Timestamp time) {
    return Instant.ofEpochSecond(time.getSeconds(), time.getNanos()).toString();
  }
}
