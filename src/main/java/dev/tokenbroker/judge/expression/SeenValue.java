package dev.tokenbroker.judge.expression;

import java.util.Collection;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Describes the value of a claim or of a constant, with its type, for evidence. */
public final class SeenValue {

  private static final int MAX_TEXT_CHARS = 64;
  private static final int MAX_ITEMS = 8;

  private SeenValue() {}

  /** The type and the value, for example {@code the number 42}. */
  public static String described(Object value) {
    return switch (value) {
      case String text -> "the text " + quoted(text);
      case Boolean flag -> "the boolean " + flag;
      case Number number -> "the number " + number;
      case Collection<?> list ->
          "the list "
              + cut(
                  list.stream()
                      .limit(MAX_ITEMS)
                      .map(SeenValue::item)
                      .collect(
                          Collectors.joining(", ", "[", list.size() > MAX_ITEMS ? ", …]" : "]")),
                  MAX_TEXT_CHARS);
      case Map<?, ?> map -> "the object " + cut(members(map), MAX_TEXT_CHARS);
      default -> "a value that is " + type(value);
    };
  }

  /** The reason why two values of these types are never equal; empty if they could be. */
  static Optional<String> equalityHint(Object left, Object right) {
    String first = type(left);
    String second = type(right);
    if (first.equals(second)) {
      return Optional.empty();
    }
    boolean list = left instanceof Collection || right instanceof Collection;
    return Optional.of(
        "and " + first + " never equals " + second + (list ? " (use in for a list)" : ""));
  }

  /** The reason why a value can never be in that container; empty if it could be. */
  static Optional<String> membershipHint(Object element, Object container) {
    if (!(container instanceof Collection<?> list) || list.isEmpty()) {
      return Optional.empty();
    }
    String type = type(element);
    return list.stream().noneMatch(item -> item != null && type(item).equals(type))
        ? Optional.of("and no element of the list is " + type)
        : Optional.empty();
  }

  static String cut(String text, int most) {
    return text.length() <= most ? text : text.substring(0, most - 1) + "…";
  }

  /** The members in order of their names; of nested values only the type. */
  private static String members(Map<?, ?> map) {
    return map.entrySet().stream()
        .sorted(Comparator.comparing(member -> String.valueOf(member.getKey())))
        .limit(MAX_ITEMS)
        .map(member -> item(member.getKey()) + ": " + member(member.getValue()))
        .collect(Collectors.joining(", ", "{", map.size() > MAX_ITEMS ? ", …}" : "}"));
  }

  private static String member(Object value) {
    return value instanceof Map || value instanceof Collection ? type(value) : item(value);
  }

  private static String item(Object item) {
    return item instanceof String text ? quoted(text) : String.valueOf(item);
  }

  private static String quoted(String text) {
    return "\"" + cut(text, MAX_TEXT_CHARS) + "\"";
  }

  private static String type(Object value) {
    return switch (value) {
      case String _ -> "a text";
      case Boolean _ -> "a boolean";
      case Number _ -> "a number";
      case Collection<?> _ -> "a list";
      case Map<?, ?> _ -> "an object";
      default -> "null";
    };
  }
}
