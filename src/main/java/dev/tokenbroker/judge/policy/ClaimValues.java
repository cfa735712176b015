package dev.tokenbroker.judge.policy;

import dev.tokenbroker.base.text.Surrogates;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Filters the extra claims of one token, all together within a budget: strings, longs, finite
 * doubles, booleans, and lists and maps of them. CEL values without a JSON form, such as
 * timestamps, bytes, null and half a surrogate pair, are refused.
 *
 * <p>Texts and names count as in the token, in bytes: the broker must be able to read every
 * accepted claim again when a caller presents the token.
 */
final class ClaimValues {

  static final int MAX_VALUES = 256;
  static final int MAX_BYTES = 4096;
  static final int MAX_NAME_CHARS = 256;
  static final int MAX_DEPTH = 8;

  private int values;
  private int bytes;

  /** An immutable copy of the value for that claim; null where name or value is unfit. */
  @Nullable Object fit(String name, Object value) {
    return fitsName(name) ? fit(value, 0) : null;
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
      if (fit == null || !(entry.getKey() instanceof String key) || !fitsName(key)) {
        return null;
      }
      copy.put(key, fit);
    }
    return Collections.unmodifiableMap(copy);
  }

  private boolean fitsName(String name) {
    return name.length() <= MAX_NAME_CHARS && fitsText(name);
  }

  private boolean fitsText(String text) {
    if (text.length() > MAX_BYTES || !Surrogates.arePaired(text)) {
      return false;
    }
    bytes += text.codePoints().map(ClaimValues::bytes).sum();
    return bytes <= MAX_BYTES;
  }

  /** The most bytes that it takes within a JSON string in UTF-8. */
  private static int bytes(int codePoint) {
    if (codePoint < ' ') {
      return 6; // an escape with four digits; some have a two-character escape
    }
    if (codePoint == '"' || codePoint == '\\') {
      return 2;
    }
    return codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
  }
}
