package dev.tokenbroker.command.report;

import java.util.regex.Pattern;

/** The colours of text for a person. A terminal without colours gets the text without them. */
public enum Colour {
  GREEN(32),
  RED(31),
  YELLOW(33),
  FAINT(2);

  private static final String PLAIN = "\u001B[0m";
  private static final Pattern CODES = Pattern.compile("\u001B\\[(?:[02]|3[1-3])m");

  private final String code;

  Colour(int code) {
    this.code = "\u001B[" + code + "m";
  }

  /** The text in this colour, each of its lines by itself. */
  public String of(String text) {
    return code + text.replace("\n", PLAIN + "\n" + code) + PLAIN;
  }

  /** The text without colours. */
  public static String without(String text) {
    return CODES.matcher(text).replaceAll("");
  }
}
