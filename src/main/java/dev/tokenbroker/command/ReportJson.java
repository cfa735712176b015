package dev.tokenbroker.command;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/**
 * Reads a broker's report, which nobody vouches for. A member that is missing has the value of its
 * type in an empty report. One of another type is a {@link ClassCastException}.
 */
final class ReportJson {

  private ReportJson() {}

  static String text(JsonObject json, String name) {
    return member(json, name, String.class, "");
  }

  static JsonObject object(JsonObject json, String name) {
    return member(json, name, JsonObject.class, new JsonObject());
  }

  static List<String> texts(JsonObject json, String name) {
    return all(json, name, String.class);
  }

  static List<JsonObject> objects(JsonObject json, String name) {
    return all(json, name, JsonObject.class);
  }

  /**
   * A number of things.
   *
   * @throws IllegalArgumentException if it is negative
   */
  static long count(JsonObject json, String name) {
    long count = member(json, name, Number.class, 0).longValue();
    if (count < 0) {
      throw new IllegalArgumentException("a negative count");
    }
    return count;
  }

  static <T> T member(JsonObject json, String name, Class<T> type, T otherwise) {
    Object value = json.getValue(name);
    return value == null ? otherwise : type.cast(value);
  }

  private static <T> List<T> all(JsonObject json, String name, Class<T> type) {
    return member(json, name, JsonArray.class, new JsonArray()).stream().map(type::cast).toList();
  }
}
