package dev.tokenbroker.base.outcome;

import java.util.regex.Pattern;

/**
 * Makes text from outside fit for a verdict, a log line and a header: bounded, printable, on one
 * line, and without a misplaced token.
 */
public final class Evidence {

  private static final String TOKEN_START = "eyJ";

  /** Text that begins like the base64url of a JSON object, and the parts that follow (RFC 7515). */
  private static final Pattern TOKEN =
      Pattern.compile(TOKEN_START + "[A-Za-z0-9_-]{8,}(?:\\.[A-Za-z0-9_-]*){0,4}");

  private Evidence() {}

  /**
   * Replaces control, formatting and surrogate characters by U+FFFD, cuts to {@value
   * Refusal#MAX_EVIDENCE_CHARS} characters, and names tokens instead of showing them. Text that
   * needs no change is returned as it is.
   */
  public static String clean(String text) {
    String shown = printable(text);
    // A caller that mixes up its fields sends the credential as the audience, or as its own type.
    return shown.contains(TOKEN_START) ? TOKEN.matcher(shown).replaceAll("(a token)") : shown;
  }

  private static String printable(String text) {
    int limit = Math.min(text.length(), Refusal.MAX_EVIDENCE_CHARS);
    for (int at = 0; at < limit; at++) {
      if (isUnsafe(text.charAt(at))) {
        return rewrite(text, limit);
      }
    }
    return text.length() > limit ? text.substring(0, limit - 1) + "…" : text;
  }

  private static String rewrite(String text, int limit) {
    StringBuilder clean = new StringBuilder(limit);
    for (int at = 0; at < limit; at++) {
      char c = text.charAt(at);
      clean.append(isUnsafe(c) ? '\uFFFD' : c);
    }
    if (text.length() > limit) {
      clean.setCharAt(limit - 1, '…');
    }
    return clean.toString();
  }

  private static boolean isUnsafe(char c) {
    // Bidirectional overrides and line separators are formatting or separator characters: they
    // would let a claim forge the text that a person reads in a terminal. Surrogates are replaced
    // too: evidence may be cut between two of them.
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.UNASSIGNED ->
          true;
      default -> false;
    };
  }
}
