package dev.tokenbroker.operate.changes.shape;

import dev.tokenbroker.base.refusal.Clue;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.judge.expression.ClaimPath;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A claim whose shape is watched.
 *
 * @param path the names from the outermost claim
 * @param rules the names of the rules that read it
 * @param targets the targets of these rules, as in {@link Clue#claims}
 */
record WatchedClaim(ClaimPath path, List<String> rules, Set<String> targets) {

  private static final String PREFIX = "claims.";
  private static final int MAX_LABEL_CHARS = 40;
  private static final int MAX_RULES_CHARS = 60;

  WatchedClaim {
    rules = List.copyOf(rules);
    targets = Set.copyOf(targets);
  }

  /** The name of the claim: {@code sub}, {@code claims["kubernetes.io"].namespace}. */
  String label() {
    String text = path.toString();
    String label = text.startsWith(PREFIX) ? text.substring(PREFIX.length()) : text;
    return label.length() > MAX_LABEL_CHARS ? label.substring(0, MAX_LABEL_CHARS - 1) + "…" : label;
  }

  /** The shape of the claim in a credential with these claims. */
  ClaimShape shape(Map<String, Object> claims) {
    @Nullable Object value = claims;
    for (String name : path.names()) {
      value = value instanceof Map<?, ?> members ? members.get(name) : null;
    }
    return ClaimShape.of(value);
  }

  /** What another shape of it can refuse: an audience, or what the rules are for. */
  Clue clue() {
    Set<String> names = new HashSet<>(targets);
    if (path.is("aud")) {
      names.add(RefusalReason.AUDIENCE_MISMATCH.name());
    }
    return new Clue.Names(names, false);
  }

  /** Says what reads it: {@code read by rules deploy, test and 3 others}. */
  String readers() {
    if (path.is("aud")) {
      return rules.isEmpty()
          ? "compared with the audiences"
          : "compared with the audiences, " + read();
    }
    return read();
  }

  private String read() {
    if (rules.isEmpty()) {
      return "read by no rule";
    }
    StringBuilder names = new StringBuilder(rules.getFirst());
    int named = 1;
    while (named < rules.size() && names.length() + rules.get(named).length() < MAX_RULES_CHARS) {
      names.append(", ").append(rules.get(named));
      named++;
    }
    int others = rules.size() - named;
    return "read by "
        + (rules.size() == 1 ? "rule " : "rules ")
        + names
        + (others > 0 ? " and " + others + " more" : "");
  }
}
