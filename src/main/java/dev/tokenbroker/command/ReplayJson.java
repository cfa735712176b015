package dev.tokenbroker.command;

import dev.tokenbroker.operate.cases.CandidateEffect;
import dev.tokenbroker.operate.recording.RecordedRequest;
import dev.tokenbroker.operate.recording.Recording;
import dev.tokenbroker.operate.recording.Replay;
import dev.tokenbroker.operate.recording.ReplayReport;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** The result of a replay as JSON: the counts, and each request that is not unchanged. */
final class ReplayJson {

  private ReplayJson() {}

  /** One document that ends with a line break. */
  static String of(Recording recording, ReplayReport report) {
    JsonObject counts = new JsonObject();
    JsonArray changes = new JsonArray();
    for (CandidateEffect change : CandidateEffect.values()) {
      counts.put(
          change.label(),
          new JsonObject()
              .put("distinct", report.results(change).size())
              .put("requests", report.requests(change)));
      if (change != CandidateEffect.UNCHANGED) {
        report.results(change).forEach(result -> changes.add(result(result)));
      }
    }
    return new JsonObject()
            .put("not_kept", recording.notKept())
            .put("lost", recording.lost())
            .put("counts", counts)
            .put("changes", changes)
            .encodePrettily()
        + "\n";
  }

  private static JsonObject result(Replay.ReplayResult result) {
    RecordedRequest request = result.line().request();
    return new JsonObject()
        .put("change", result.change().label())
        .put("issuer", request.issuer())
        .put("target", request.target())
        .put("scopes", new JsonArray(request.scopes()))
        .put("claims", new JsonObject(request.claims()))
        .put("count", result.line().count())
        .put("before", result.before())
        .put(
            result.change() == CandidateEffect.NOT_REPLAYABLE ? "unknown" : "after",
            result.after());
  }
}
