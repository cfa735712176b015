package dev.tokenbroker.federation;

import dev.tokenbroker.federation.KeptRevision.RolloutAction;
import dev.tokenbroker.jose.JsonBytes;
import dev.tokenbroker.jose.StrictJson;
import dev.tokenbroker.jose.StrictJson.Nulls;
import dev.tokenbroker.outcome.Outcome;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The list of kept revisions. The first is in force; the others follow by the time at which they
 * last were.
 *
 * @param documentDigest the digest of the document at {@code token-broker.federation.path} when the
 *     history began. A document with another digest has changed since.
 * @param revisions at most {@value #MAX_REVISIONS}
 */
record HistoryList(String documentDigest, List<KeptRevision> revisions) {

  static final int MAX_REVISIONS = 10;

  private static final String HEAD = "token_broker_history";
  private static final long VERSION = 1;
  private static final Pattern REVISION = Pattern.compile("[0-9a-f]{64}");

  HistoryList {
    revisions = List.copyOf(revisions);
  }

  /** The list after that revision has come into force. The oldest one may drop out. */
  HistoryList with(KeptRevision inForce) {
    List<KeptRevision> next = new ArrayList<>();
    next.add(inForce);
    revisions.stream()
        .filter(other -> !other.revision().equals(inForce.revision()))
        .limit(MAX_REVISIONS - 1L)
        .forEach(next::add);
    return new HistoryList(documentDigest, next);
  }

  boolean has(String revision) {
    return revisions.stream().anyMatch(kept -> kept.revision().equals(revision));
  }

  /** The revision in force; empty in an empty list. */
  Optional<KeptRevision> inForce() {
    return revisions.stream().findFirst();
  }

  /** The promotion or rollback that was carried out last; empty if there was none. */
  Optional<KeptRevision> lastDecision() {
    return inForce().filter(kept -> kept.action() != RolloutAction.LOADED);
  }

  byte[] json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put(HEAD, VERSION);
    json.put("document_digest", documentDigest);
    json.put("revisions", revisions.stream().map(HistoryList::json).toList());
    return JsonBytes.of(json);
  }

  private static Map<String, Object> json(KeptRevision kept) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("revision", kept.revision());
    json.put("time", kept.time().toString());
    json.put("action", kept.action().label());
    json.put("by", kept.by());
    json.put("reason", kept.reason());
    return json;
  }

  /** Reads a list; throws if the file is not one. */
  static HistoryList parse(byte[] json) throws IOException {
    if (!(StrictJson.object(json, "history", Nulls.REFUSED)
            instanceof Outcome.Accepted<Map<String, Object>>(Map<String, Object> members))
        || !Long.valueOf(VERSION).equals(members.get(HEAD))
        || !(members.get("document_digest") instanceof String digest)
        || !(members.get("revisions") instanceof List<?> listed)
        || listed.isEmpty()
        || listed.size() > MAX_REVISIONS) {
      throw new IOException("it is no history of a token broker");
    }
    List<KeptRevision> revisions = new ArrayList<>();
    for (Object entry : listed) {
      revisions.add(revision(entry));
    }
    return new HistoryList(digest, revisions);
  }

  private static KeptRevision revision(Object entry) throws IOException {
    if (entry instanceof Map<?, ?> members
        && members.get("revision") instanceof String revision
        && REVISION.matcher(revision).matches()
        && members.get("time") instanceof String time
        && members.get("action") instanceof String action
        && members.get("by") instanceof String by
        && members.get("reason") instanceof String reason) {
      for (RolloutAction known : RolloutAction.values()) {
        if (known.label().equals(action)) {
          try {
            return new KeptRevision(revision, Instant.parse(time), known, by, reason);
          } catch (DateTimeException e) {
            throw new IOException("it has no valid time", e);
          }
        }
      }
    }
    throw new IOException("it has an entry that is no revision");
  }
}
