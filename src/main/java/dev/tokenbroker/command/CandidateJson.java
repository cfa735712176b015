package dev.tokenbroker.command;

import com.google.protobuf.Timestamp;
import dev.tokenbroker.v1.Candidate;
import dev.tokenbroker.v1.CandidateDifference;
import dev.tokenbroker.v1.Decision;
import dev.tokenbroker.v1.Outcome;
import io.vertx.core.json.JsonObject;

/** A candidate and what it would change, as JSON. */
final class CandidateJson {

  private CandidateJson() {}

  /** One document that ends with a line break. */
  static String of(Candidate candidate) {
    JsonObject json = new JsonObject();
    MessageJson.put(json, "revision", candidate.getRevision());
    time(json, "load_time", candidate.hasLoadTime(), candidate.getLoadTime());
    json.put("problems", MessageJson.texts(candidate.getProblemsList()))
        .put("warnings", MessageJson.texts(candidate.getWarningsList()))
        .put("cases_passed", candidate.getCasesPassed())
        .put("cases_failed", candidate.getCasesFailed())
        .put("case_failures", MessageJson.texts(candidate.getCaseFailuresList()))
        .put("share", candidate.getShare())
        .put("compared", MessageJson.map(candidate.getComparedMap()))
        .put("skipped", MessageJson.map(candidate.getSkippedMap()))
        .put(
            "differences",
            MessageJson.list(candidate.getDifferencesList(), CandidateJson::difference));
    return MessageJson.document(json);
  }

  private static JsonObject difference(CandidateDifference difference) {
    JsonObject json = new JsonObject();
    MessageJson.put(json, "change", difference.getChange());
    MessageJson.put(json, "issuer", difference.getIssuer());
    MessageJson.put(json, "subject", difference.getSubject());
    MessageJson.put(json, "target", difference.getTarget());
    json.put("scopes", MessageJson.texts(difference.getScopesList()))
        .put("claims", MessageJson.map(difference.getClaimsMap()))
        .put("in_force", decision(difference.getInForce()))
        .put("candidate", decision(difference.getCandidate()))
        .put("count", difference.getCount());
    time(json, "first_time", difference.hasFirstTime(), difference.getFirstTime());
    time(json, "last_time", difference.hasLastTime(), difference.getLastTime());
    return json;
  }

  private static JsonObject decision(Decision decision) {
    JsonObject json = new JsonObject();
    json.put("outcome", decision.getOutcome() == Outcome.OUTCOME_ACCEPTED ? "accepted" : "refused");
    MessageJson.put(json, "reason", decision.getReason());
    MessageJson.put(json, "rule", decision.getRule());
    MessageJson.put(json, "subject", decision.getSubject());
    json.put("scopes", MessageJson.texts(decision.getScopesList()));
    return json;
  }

  private static void time(JsonObject json, String name, boolean present, Timestamp time) {
    if (present) {
      json.put(name, Times.exact(time));
    }
  }
}
