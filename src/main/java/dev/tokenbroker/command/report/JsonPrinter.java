package dev.tokenbroker.command.report;

import io.vertx.core.json.JsonObject;

/** Prints JSON so that a person can read it. */
public final class JsonPrinter {

  private JsonPrinter() {}

  /**
   * The document, which ends with a line break. Characters that could change what a terminal shows
   * are escaped, so no value is lost.
   */
  public static String print(JsonObject json) {
    String text = json.encodePrettily();
    StringBuilder safe = new StringBuilder(text.length() + 1);
    for (int at = 0; at < text.length(); at++) {
      char c = text.charAt(at);
      if (c != '\n' && isUnsafe(c)) {
        safe.append("\\u%04x".formatted((int) c));
      } else {
        safe.append(c);
      }
    }
    return safe.append('\n').toString();
  }

  private static boolean isUnsafe(char c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          true;
      default -> false;
    };
  }
}
