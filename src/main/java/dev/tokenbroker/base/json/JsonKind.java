package dev.tokenbroker.base.json;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Names the kind of a JSON value, for evidence. */
public final class JsonKind {

  private static final int MAX_SHOWN_CHARS = 40;

  private JsonKind() {}

  /** The kind without the value, such as "a list of 3 values"; "none" for no value. */
  public static String of(@Nullable Object value) {
    return switch (value) {
      case null -> "none";
      case String text when text.isEmpty() -> "an empty string";
      case String _ -> "a string";
      case Number _ -> "a number";
      case Boolean _ -> "a boolean";
      case List<?> list when list.isEmpty() -> "an empty list";
      case List<?> list when list.size() == 1 -> "a list of one value: " + of(list.getFirst());
      case List<?> list -> "a list of " + list.size() + " values";
      case Map<?, ?> _ -> "an object";
      default -> "something else";
    };
  }

  /**
   * The kind with the value of a string, a number or a boolean. Only for values that are public.
   */
  public static String withValue(@Nullable Object value) {
    return switch (value) {
      case String text when !text.isEmpty() ->
          "the string \""
              + (text.length() > MAX_SHOWN_CHARS ? text.substring(0, MAX_SHOWN_CHARS) + "…" : text)
              + '"';
      case Number number -> "the number " + number;
      case Boolean truth -> "the boolean " + truth;
      case null, default -> of(value);
    };
  }
}
