package dev.tokenbroker.judge.credential;

import java.util.random.RandomGenerator;

/** Changes texts as accidents do. */
public final class TextMutator {

  /** The characters of base64url. */
  public static final String TOKEN_CHARS =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

  private final RandomGenerator random;

  public TextMutator(RandomGenerator random) {
    this.random = random;
  }

  /** One character is another one: mostly of a token, at times any. */
  public String replaceChar(String text) {
    if (text.isEmpty()) {
      return text;
    }
    int at = random.nextInt(text.length());
    char c =
        random.nextInt(8) == 0
            ? (char) random.nextInt(0x10000)
            : TOKEN_CHARS.charAt(random.nextInt(TOKEN_CHARS.length()));
    return text.substring(0, at) + c + text.substring(at + 1);
  }

  /** A piece comes twice in a row. */
  public String repeat(String text) {
    int from = random.nextInt(text.length() + 1);
    int to = from + random.nextInt(text.length() - from + 1);
    return text.substring(0, to) + text.substring(from);
  }
}
