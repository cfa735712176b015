package dev.tokenbroker.outcome;

/**
 * Makes text from outside fit for a verdict, a log line and a header: bounded, printable, on one
 * line.
 */
public final class Evidence {

  private Evidence() {}

  /**
   * Replaces control, formatting and unpaired surrogate characters by U+FFFD and cuts to {@value
   * Refusal#MAX_EVIDENCE_CHARS} characters; text that needs neither is returned as it is.
   */
  public static String clean(String text) {
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
    // would let a claim forge
    // what a person reads in a terminal. Surrogates are replaced too: evidence may be cut between
    // two of them.
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
