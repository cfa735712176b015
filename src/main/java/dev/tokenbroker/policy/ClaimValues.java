package dev.tokenbroker.policy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Lets through the values that the extra claims of one token may have, all together within a
 * budget: strings, longs, finite doubles, booleans, and lists and maps of them. CEL values without
 * a JSON form, such as timestamps, bytes and null, are refused rather than guessed at.
 */
final class ClaimValues {

  static final int MAX_VALUES = 256;
  static final int MAX_CHARS = 4096;
  static final int MAX_DEPTH = 8;

  private int values;
  private int chars;

  /** An immutable copy; or null where the value is not fit. */
  @Nullable Object fit(Object value) {
    return fit(value, 0);
  }

  private @Nullable Object fit(@Nullable Object value, int depth) {
    if (++values > MAX_VALUES || depth > MAX_DEPTH) {
      return null;
    }
    return switch (value) {
      case String text -> fitsText(text) ? text : null;
      case Long number -> number;
      case Boolean flag -> flag;
      case Double number -> Double.isFinite(number) ? number : null;
      case List<?> list -> fitList(list, depth);
      case Map<?, ?> map -> fitMap(map, depth);
      case null, default -> null;
    };
  }

  private @Nullable Object fitList(List<?> list, int depth) {
    List<Object> copy = new ArrayList<>();
    for (Object item : list) {
      Object fit = fit(item, depth + 1);
      if (fit == null) {
        return null;
      }
      copy.add(fit);
    }
    return List.copyOf(copy);
  }

  private @Nullable Object fitMap(Map<?, ?> map, int depth) {
    Map<String, Object> copy = new LinkedHashMap<>();
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      Object fit = fit(entry.getValue(), depth + 1);
      if (fit == null || !(entry.getKey() instanceof String key) || !fitsText(key)) {
        return null;
      }
      copy.put(key, fit);
    }
    return Collections.unmodifiableMap(copy);
  }

  private boolean fitsText(String text) {
    chars += text.length();
    return chars <= MAX_CHARS;
  }
}
