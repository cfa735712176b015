package dev.tokenbroker.judge.credential;

import java.util.List;

/** Finds pieces of a token in text: runs of 12 characters of its payload or signature. */
public final class TokenTraces {

  private static final int RUN_CHARS = 12;

  private TokenTraces() {}

  /** The texts that show a piece of the token. */
  static List<String> in(List<String> texts, String token) {
    return texts.stream().filter(text -> shownIn(text, token)).toList();
  }

  /** Whether the text shows a piece of the token; false for a token without parts. */
  public static boolean shownIn(String text, String token) {
    int dot = token.indexOf('.');
    String secret = dot < 0 ? "" : token.substring(dot + 1);
    int run = 0;
    for (int at = 0; at < text.length(); at++) {
      // Only what could stand in a token needs to be looked up, which spares most of the work.
      run = isBase64Url(text.charAt(at)) ? run + 1 : 0;
      if (run >= RUN_CHARS && secret.contains(text.substring(at + 1 - RUN_CHARS, at + 1))) {
        return true;
      }
    }
    return false;
  }

  private static boolean isBase64Url(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '-'
        || c == '_';
  }
}
