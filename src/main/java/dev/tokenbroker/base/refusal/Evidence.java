package dev.tokenbroker.base.refusal;

import static java.util.stream.Collectors.joining;

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
   * Writes unsafe characters as {@link #escaped} does, cuts to {@value Refusal#MAX_EVIDENCE_CHARS}
   * characters, and names tokens instead of showing them. Text that needs no change is returned as
   * it is.
   */
  public static String clean(String text) {
    boolean fit = text.length() <= Refusal.MAX_EVIDENCE_CHARS && isSafe(text);
    String shown = fit ? text : rewritten(text, Refusal.MAX_EVIDENCE_CHARS);
    // A caller that mixes up its fields sends the credential as the audience, or as its own type.
    return shown.contains(TOKEN_START) ? TOKEN.matcher(shown).replaceAll("(a token)") : shown;
  }

  /**
   * Writes each control, formatting, separator or unassigned character, and half of a surrogate
   * pair, as its escape in JSON: six characters per UTF-16 unit. Bidirectional overrides are
   * formatting characters: they would let a claim forge what a person reads.
   */
  public static String escaped(String text) {
    return isSafe(text) ? text : rewritten(text, Integer.MAX_VALUE);
  }

  private static boolean isSafe(String text) {
    int c;
    for (int at = 0; at < text.length(); at += Character.charCount(c)) {
      c = text.codePointAt(at);
      if (isUnsafe(c)) {
        return false;
      }
    }
    return true;
  }

  private static String rewritten(String text, int limit) {
    StringBuilder shown = new StringBuilder();
    for (int at = 0; at < text.length(); ) {
      int c = text.codePointAt(at);
      at += Character.charCount(c);
      String next = isUnsafe(c) ? escape(c) : Character.toString(c);
      int room = at < text.length() ? limit - 1 : limit; // the mark of a cut needs one character
      if (shown.length() + next.length() > room) {
        return shown.append('…').toString();
      }
      shown.append(next);
    }
    return shown.toString();
  }

  private static String escape(int c) {
    return Character.toString(c).chars().mapToObj("\\u%04X"::formatted).collect(joining());
  }

  private static boolean isUnsafe(int c) {
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
