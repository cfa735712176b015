package dev.tokenbroker.operate.changes.shape;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The shape of a claim. It contains no value.
 *
 * @param type the JSON type, such as {@code list of numbers}; {@code missing} without a claim
 * @param mask the mask of a text; empty for other types, and for {@link #ANY_TEXT}
 */
record ClaimShape(String type, String mask) {

  private static final String TEXT = "text";
  private static final String LIST = "list of ";
  private static final String EMPTY_LIST = "empty list";
  private static final String MISSING = "missing";

  /** The shape of all texts of a claim that has too many masks. */
  static final ClaimShape ANY_TEXT = new ClaimShape(TEXT, "");

  /**
   * The shape of a claim.
   *
   * @param value null if the credential does not have it
   */
  static ClaimShape of(@Nullable Object value) {
    return value instanceof String text
        ? new ClaimShape(TEXT, ValueMask.of(text))
        : new ClaimShape(type(value), "");
  }

  private static String type(@Nullable Object value) {
    return switch (value) {
      case null -> MISSING;
      case List<?> list when list.isEmpty() -> EMPTY_LIST;
      case List<?> list -> LIST + elements(list);
      default -> single(value);
    };
  }

  private static String elements(List<?> list) {
    Set<String> types = list.stream().map(ClaimShape::single).collect(Collectors.toSet());
    return types.size() == 1 ? types.iterator().next() + 's' : "values of several types";
  }

  private static String single(Object value) {
    return switch (value) {
      case String _ -> TEXT;
      case Number _ -> "number";
      case Boolean _ -> "boolean";
      case List<?> _ -> "list";
      case Map<?, ?> _ -> "object";
      default -> "value";
    };
  }

  boolean isText() {
    return type.equals(TEXT);
  }

  boolean isMissing() {
    return type.equals(MISSING);
  }

  /** Whether a claim of the other shape is nothing new. A list may be empty. */
  boolean covers(ClaimShape other) {
    return equals(other)
        || (equals(ANY_TEXT) && other.isText())
        || (type.startsWith(LIST) && other.type.equals(EMPTY_LIST));
  }

  /** For people: the mask of a text, else the type. */
  String label() {
    return mask.isEmpty() ? type : mask;
  }
}
