package dev.tokenbroker.command;

import dev.tokenbroker.v1.Outcome;
import dev.tokenbroker.v1.ShadowRule;
import dev.tokenbroker.v1.StepResult;
import dev.tokenbroker.v1.Verdict;
import dev.tokenbroker.v1.VerdictStep;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** A verdict as JSON, with the names of the API's message; empty members are left out. */
final class ExplanationJson {

  private ExplanationJson() {}

  /** One document that ends with a line break. */
  static String of(Verdict verdict) {
    return MessageJson.document(json(verdict));
  }

  private static JsonObject json(Verdict verdict) {
    JsonArray steps = new JsonArray();
    verdict.getStepsList().forEach(step -> steps.add(step(step)));
    JsonObject json = new JsonObject();
    MessageJson.put(json, "id", verdict.getId());
    json.put("evaluation_time", Times.exact(verdict.getEvaluationTime()));
    json.put("outcome", outcome(verdict.getOutcome()));
    MessageJson.put(json, "reason", verdict.getReason());
    MessageJson.put(json, "remedy", verdict.getRemedy());
    MessageJson.put(json, "federation_revision", verdict.getFederationRevision());
    MessageJson.put(json, "issuer", verdict.getIssuer());
    MessageJson.put(json, "rule", verdict.getRule());
    MessageJson.put(json, "target", verdict.getTarget());
    json.put("steps", steps);
    json.put("hints", MessageJson.texts(verdict.getHintsList()));
    if (verdict.getShadowRulesCount() > 0) {
      JsonArray shadows = new JsonArray();
      verdict.getShadowRulesList().forEach(rule -> shadows.add(shadow(rule)));
      json.put("shadow_rules", shadows);
    }
    if (verdict.hasCandidate()) {
      json.put("candidate", json(verdict.getCandidate()));
    }
    return json;
  }

  private static JsonObject shadow(ShadowRule rule) {
    JsonObject json =
        new JsonObject().put("rule", rule.getRule()).put("outcome", outcome(rule.getOutcome()));
    MessageJson.put(json, "reason", rule.getReason());
    return json;
  }

  private static String outcome(Outcome outcome) {
    return outcome == Outcome.OUTCOME_ACCEPTED ? "accepted" : "refused";
  }

  private static JsonObject step(VerdictStep step) {
    JsonObject json =
        new JsonObject().put("name", step.getName()).put("result", result(step.getResult()));
    MessageJson.put(json, "expected", step.getExpected());
    MessageJson.put(json, "seen", step.getSeen());
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
}
