package dev.tokenbroker.devissuer;

import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.text.ParseException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Prints the content of a JWT, never the JWT: header and claims, one member per line, times also as
 * dates. It verifies nothing.
 */
final class ReadableJwt {

  private static final Set<String> TIMES = Set.of("exp", "nbf", "iat");
  private static final int MAX_VALUE_CHARS = 200;

  private ReadableJwt() {}

  static String of(String compact) {
    List<String> parts = List.of(compact.split("\\.", -1));
    if (parts.size() < 2) {
      return "    (not a JWT)\n";
    }
    String signature =
        parts.size() == 3 ? "    (and a signature)\n" : "    (and no signature part)\n";
    return part("header", parts.get(0)) + part("claims", parts.get(1)) + signature;
  }

  private static String part(String name, String encoded) {
    StringBuilder text = new StringBuilder("  %s%n".formatted(name));
    try {
      String json = new Base64URL(encoded).decodeToString();
      JSONObjectUtils.parse(json).forEach((member, value) -> text.append(line(member, value)));
    } catch (ParseException e) {
      text.append("    (not a JSON object without duplicate members)\n");
    }
    return text.toString();
  }

  private static String line(String member, Object value) {
    return "    %-12s %s%n".formatted(member, readable(member, value));
  }

  private static String readable(String member, Object value) {
    if (TIMES.contains(member) && value instanceof Number seconds) {
      return seconds.longValue() + " (" + Instant.ofEpochSecond(seconds.longValue()) + ")";
    }
    String text =
        switch (value) {
          case Map<?, ?> _, List<?> _ -> JSONObjectUtils.toJSONString(Map.of(member, value));
          default -> String.valueOf(value);
        };
    return text.length() > MAX_VALUE_CHARS ? text.substring(0, MAX_VALUE_CHARS) + "…" : text;
  }
}
