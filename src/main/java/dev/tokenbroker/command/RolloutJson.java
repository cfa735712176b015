package dev.tokenbroker.command;

import dev.tokenbroker.v1.EntryDiff;
import dev.tokenbroker.v1.KeptRevision;
import dev.tokenbroker.v1.RevisionDiff;
import dev.tokenbroker.v1.Rollout;
import dev.tokenbroker.v1.ValueDiff;
import io.vertx.core.json.JsonObject;

/** The revisions of a broker, and their differences, as JSON. */
final class RolloutJson {

  private RolloutJson() {}

  /** One document that ends with a line break. */
  static String of(Rollout rollout) {
    JsonObject json = new JsonObject();
    MessageJson.put(json, "revision", rollout.getRevision());
    MessageJson.put(json, "candidate_revision", rollout.getCandidateRevision());
    json.put("keeps_history", rollout.getKeepsHistory());
    json.put("kept", MessageJson.list(rollout.getKeptList(), RolloutJson::kept));
    json.put("problems", MessageJson.texts(rollout.getProblemsList()));
    return MessageJson.document(json);
  }

  private static JsonObject kept(KeptRevision kept) {
    JsonObject json = new JsonObject();
    MessageJson.put(json, "revision", kept.getRevision());
    if (kept.hasTime()) {
      json.put("time", Times.exact(kept.getTime()));
    }
    MessageJson.put(json, "action", kept.getAction());
    MessageJson.put(json, "by", kept.getBy());
    MessageJson.put(json, "reason", kept.getReason());
    return json;
  }

  /** One document that ends with a line break. */
  static String of(RevisionDiff diff) {
    JsonObject json = new JsonObject();
    MessageJson.put(json, "from", diff.getFrom());
    MessageJson.put(json, "to", diff.getTo());
    json.put("entries", MessageJson.list(diff.getEntriesList(), RolloutJson::entry));
    return MessageJson.document(json);
  }

  private static JsonObject entry(EntryDiff entry) {
    JsonObject json = new JsonObject();
    MessageJson.put(json, "section", entry.getSection());
    MessageJson.put(json, "name", entry.getName());
    MessageJson.put(json, "change", entry.getChange());
    MessageJson.put(json, "from_place", entry.getFromPlace());
    MessageJson.put(json, "to_place", entry.getToPlace());
    json.put("values", MessageJson.list(entry.getValuesList(), RolloutJson::value));
    return json;
  }

  private static JsonObject value(ValueDiff value) {
    JsonObject json = new JsonObject();
    MessageJson.put(json, "path", value.getPath());
    MessageJson.put(json, "from", value.getFrom());
    MessageJson.put(json, "to", value.getTo());
    MessageJson.put(json, "from_place", value.getFromPlace());
    MessageJson.put(json, "to_place", value.getToPlace());
    return json;
  }
}
