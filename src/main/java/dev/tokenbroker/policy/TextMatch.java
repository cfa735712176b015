package dev.tokenbroker.policy;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A comparison of a part of a text with a constant.
 *
 * @param text the constant: a part of the text, or a regular expression
 * @param source the call as an expression has it
 */
public record TextMatch(MatchKind kind, String text, String source) {

  /** The functions of CEL that compare a part of a text. */
  public enum MatchKind {
    STARTS_WITH,
    ENDS_WITH,
    CONTAINS,
    MATCHES
  }

  private static final Map<String, MatchKind> KINDS =
      Map.of(
          "startsWith", MatchKind.STARTS_WITH,
          "endsWith", MatchKind.ENDS_WITH,
          "contains", MatchKind.CONTAINS,
          "matches", MatchKind.MATCHES);

  /** The kind of comparison that this function of CEL makes; null for none. */
  static @Nullable MatchKind kind(String function) {
    return KINDS.get(function);
  }
}
