package dev.tokenbroker.judge.expression;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A comparison of a text with a constant prefix, suffix, part or pattern.
 *
 * @param text the constant: a part of the text, or a regular expression
 * @param source the call in the form of {@link ExpressionText}
 */
public record TextMatch(MatchKind kind, String text, String source) {

  /** The CEL functions that compare a part of a text. */
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

  /** Returns the kind of this CEL function; null if it compares no texts. */
  static @Nullable MatchKind kind(String function) {
    return KINDS.get(function);
  }
}
