package dev.tokenbroker.rehearsal.candidate;

import dev.tokenbroker.federation.KeptRevision;
import dev.tokenbroker.federation.KeptRevision.RolloutAction;
import dev.tokenbroker.jose.JsonBytes;
import dev.tokenbroker.jose.StrictJson;
import dev.tokenbroker.jose.StrictJson.Nulls;
import dev.tokenbroker.outcome.Evidence;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.store.LogEntry;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The form of a promotion or a rollback in the store: its time, and JSON with the rest. */
final class DecisionEntry {

  private static final Pattern REVISION = Pattern.compile("[0-9a-f]{64}");

  private DecisionEntry() {}

  static LogEntry of(KeptRevision decision) {
    return new LogEntry(
        decision.time(),
        JsonBytes.of(
            Map.of(
                "action", decision.action().label(),
                "revision", decision.revision(),
                "by", decision.by(),
                "reason", decision.reason())));
  }

  /** Reads an entry; empty if it is none that this release writes. */
  static Optional<KeptRevision> parse(LogEntry entry) {
    return StrictJson.object(entry.content(), "decision", Nulls.REFUSED)
                instanceof Outcome.Accepted<Map<String, Object>>(Map<String, Object> members)
            && members.get("action") instanceof String action
            && members.get("revision") instanceof String revision
            && REVISION.matcher(revision).matches()
            && members.get("by") instanceof String by
            && members.get("reason") instanceof String reason
        ? Stream.of(RolloutAction.PROMOTED, RolloutAction.ROLLED_BACK)
            .filter(known -> known.label().equals(action))
            .findFirst()
            .map(
                known ->
                    new KeptRevision(
                        revision,
                        entry.written(),
                        known,
                        Evidence.clean(by),
                        Evidence.clean(reason)))
        : Optional.empty();
  }
}
