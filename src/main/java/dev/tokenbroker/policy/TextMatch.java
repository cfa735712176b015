package dev.tokenbroker.policy;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A comparison of a part of a text with a constant.
 *
 * @param text the constant: a part of the text, or a regular expression
 * @param source the call as an expression has it
 */
public record TextMatch(Kind kind, String text, String source) {

  /** The functions of CEL that compare a part of a text. */
  public enum Kind {
    STARTS_WITH,
    ENDS_WITH,
    CONTAINS,
    MATCHES
  }

  private static final Map<String, Kind> KINDS =
      Map.of(
          "startsWith", Kind.STARTS_WITH,
          "endsWith", Kind.ENDS_WITH,
          "contains", Kind.CONTAINS,
          "matches", Kind.MATCHES);

  /** The kind of comparison that this function of CEL makes; null for none. */
  static @Nullable Kind kind(String function) {
    return KINDS.get(function);
  }
}
