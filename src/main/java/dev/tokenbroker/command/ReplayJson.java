package dev.tokenbroker.command;

import dev.tokenbroker.rehearsal.CandidateEffect;
import dev.tokenbroker.rehearsal.Mutations;
import dev.tokenbroker.rehearsal.RecordedRequest;
import dev.tokenbroker.rehearsal.Recording;
import dev.tokenbroker.rehearsal.Replay;
import dev.tokenbroker.rehearsal.ReplayReport;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** The result of a replay as JSON: the counts, and each request that is not unchanged. */
final class ReplayJson {

  private ReplayJson() {}

  /** One document that ends with a line break. */
  static String of(Recording recording, ReplayReport report, @Nullable Mutations mutations) {
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
    JsonObject json =
        new JsonObject()
            .put("not_kept", recording.notKept())
            .put("lost", recording.lost())
            .put("counts", counts)
            .put("changes", changes);
    if (mutations != null) {
      json.put("mutations", mutations(mutations));
    }
    return json.encodePrettily() + "\n";
  }

  private static JsonObject result(Replay.ReplayResult result) {
    RecordedRequest request = result.line().request();
    return new JsonObject()
        .put("change", result.change().label())
        .put("issuer", request.issuer())
        .put("target", request.target())
        .put("scopes", new JsonArray(request.scopes()))
        .put("claims", new JsonObject(request.clear()))
        .put("keyed", new JsonObject(request.keyed()))
        .put("count", result.line().count())
        .put("before", result.before())
        .put(
            result.change() == CandidateEffect.NOT_REPLAYABLE ? "unknown" : "after",
            result.after());
  }

  private static JsonObject mutations(Mutations mutations) {
    JsonObject rules = new JsonObject();
    mutations
        .rules()
        .forEach(
            (rule, claims) -> {
              JsonObject tallies = new JsonObject();
              claims.forEach(
                  (claim, tally) ->
                      tallies.put(
                          claim,
                          new JsonObject()
                              .put("changed", tally.changed())
                              .put("still_accepted", tally.accepted())
                              .put("not_known", tally.unknown())));
              rules.put(rule, tallies);
            });
    return rules;
  }
}
