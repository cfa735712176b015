package dev.tokenbroker.operate.lint;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The types that a claim may have in JSON. */
public enum ClaimType {
  STRING,
  NUMBER,
  BOOLEAN,
  LIST,
  MAP;

  /** The type of a claim's value, or of a constant in a condition. */
  public static ClaimType of(Object value) {
    return switch (value) {
      case String _ -> STRING;
      case Number _ -> NUMBER;
      case Boolean _ -> BOOLEAN;
      case List<?> _ -> LIST;
      case Map<?, ?> _ -> MAP;
      default -> throw new IllegalArgumentException("no JSON value: " + value.getClass());
    };
  }

  /** The name with an article, for messages. */
  String described() {
    return "a " + name().toLowerCase(Locale.ROOT);
  }
}
