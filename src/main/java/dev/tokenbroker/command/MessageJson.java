package dev.tokenbroker.command;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** Writes API messages as JSON: members have the names of the fields; empty texts are left out. */
final class MessageJson {

  private MessageJson() {}

  /**
   * The document, which ends with a line break. Characters that could change what a terminal shows
   * are escaped, so no value is lost.
   */
  static String document(JsonObject json) {
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

  static void put(JsonObject json, String name, String value) {
    if (!value.isEmpty()) {
      json.put(name, value);
    }
  }

  static JsonArray texts(List<String> texts) {
    return list(texts, text -> text);
  }

  static <T> JsonArray list(List<T> items, Function<T, Object> item) {
    JsonArray array = new JsonArray();
    items.forEach(one -> array.add(item.apply(one)));
    return array;
  }

  /** The entries sorted by name. */
  static JsonObject map(Map<String, ?> entries) {
    JsonObject json = new JsonObject();
    new TreeMap<>(entries).forEach(json::put);
    return json;
  }
}
