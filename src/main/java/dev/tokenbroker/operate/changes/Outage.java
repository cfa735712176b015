package dev.tokenbroker.operate.changes;

import dev.tokenbroker.base.change.Change.SubjectKind;
import dev.tokenbroker.base.refusal.RefusalReason;
import java.time.Instant;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Exchanges that are refused one after the other, of one issuer or upstream and for one reason.
 *
 * @param kind {@link SubjectKind#ISSUER} or {@link SubjectKind#UPSTREAM}
 * @param name its name in the federation document; "none" if no issuer was found
 * @param proved whether no stranger can have caused them
 * @param since when the first of them was refused
 * @param begun when the third of them was refused, or the last of fewer; its cause came before
 * @param last when the last of them was refused
 * @param ended whether they have ended
 * @param count how many there are from the first to the last
 * @param distinct about how many subjects they have, or credentials
 * @param subjects whether the subject of each is known, so that {@code distinct} counts subjects
 */
public record Outage(
    SubjectKind kind,
    String name,
    RefusalReason reason,
    boolean proved,
    Instant since,
    Instant begun,
    Instant last,
    boolean ended,
    long count,
    long distinct,
    boolean subjects) {

  /** The reasons that follow from an earlier failure of the same peer. */
  private static final Set<RefusalReason> EFFECTS =
      EnumSet.of(
          RefusalReason.UPSTREAM_CIRCUIT_OPEN,
          RefusalReason.UPSTREAM_BUDGET_EXHAUSTED,
          RefusalReason.KEY_REFETCH_COOLING_DOWN);

  /** Whether the reason only follows from an earlier failure of the same peer. */
  static boolean isEffect(RefusalReason reason) {
    return EFFECTS.contains(reason);
  }

  /** The members of its JSON, in order. */
  public Map<String, Object> members() {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("kind", kind.label());
    members.put("name", name);
    members.put("reason", reason.name());
    if (!proved) {
      members.put("unproved", true);
    }
    if (isEffect(reason)) {
      members.put("effect", true);
    }
    members.put("since_time", since.toString());
    members.put("begun_time", begun.toString());
    members.put("last_time", last.toString());
    members.put("ended", ended);
    members.put("count", count);
    members.put(subjects ? "subjects" : "credentials", distinct);
    members.put("remedy", reason.remedy());
    return members;
  }
}
