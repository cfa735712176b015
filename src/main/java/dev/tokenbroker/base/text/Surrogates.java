package dev.tokenbroker.base.text;

/** Finds halves of surrogate pairs. JSON and CEL can escape one, but UTF-8 cannot encode it. */
public final class Surrogates {

  private Surrogates() {}

  /** Whether each surrogate of the text is part of a pair. */
  public static boolean arePaired(String text) {
    int c;
    for (int at = 0; at < text.length(); at += Character.charCount(c)) {
      c = text.codePointAt(at);
      if (Character.getType(c) == Character.SURROGATE) {
        return false;
      }
    }
    return true;
  }
}
