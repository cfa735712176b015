package dev.tokenbroker.operate.cases;

import dev.tokenbroker.base.yaml.Problems;
import dev.tokenbroker.base.yaml.Yaml;
import dev.tokenbroker.base.yaml.Yaml.Entry;
import dev.tokenbroker.base.yaml.Yaml.Mapping;
import dev.tokenbroker.base.yaml.Yaml.Scalar;
import dev.tokenbroker.base.yaml.Yaml.Sequence;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads claims from YAML with the types of JSON. Unquoted {@code true} and {@code false} are
 * booleans. Unquoted numbers in JSON notation are numbers. All other text is a string.
 */
final class ClaimReader {

  private static final Pattern INTEGER = Pattern.compile("-?(0|[1-9]\\d*)");
  private static final Pattern DECIMAL =
      Pattern.compile("-?(0|[1-9]\\d*)(\\.\\d+)?([eE][+-]?\\d+)?");

  private final Problems problems;

  ClaimReader(Problems problems) {
    this.problems = problems;
  }

  /** Reads the claims. A claim without a value is null; it removes an inherited claim. */
  Map<String, @Nullable Object> claims(Mapping mapping) {
    Map<String, @Nullable Object> claims = new LinkedHashMap<>();
    mapping.entries().forEach((name, entry) -> claims.put(name, claim(entry)));
    return claims;
  }

  private @Nullable Object claim(Entry entry) {
    return entry.value() instanceof Scalar scalar && scalar.isNull() ? null : value(entry.value());
  }

  private Object value(Yaml value) {
    return switch (value) {
      case Scalar scalar -> scalar(scalar);
      case Sequence(List<Yaml> items, _) -> {
        List<Object> list = new ArrayList<>();
        items.forEach(item -> list.add(value(item)));
        yield Collections.unmodifiableList(list);
      }
      case Mapping mapping -> {
        Map<String, Object> map = new LinkedHashMap<>();
        mapping.entries().forEach((name, entry) -> map.put(name, value(entry.value())));
        yield Collections.unmodifiableMap(map);
      }
    };
  }

  private Object scalar(Scalar scalar) {
    String text = scalar.text();
    if (!scalar.isPlain()) {
      return text;
    }
    if (scalar.isNull()) {
      problems.at(
          scalar.place(),
          "a claim contains null, which credentials never have here",
          "Remove it: the broker drops null members.");
      return "";
    }
    if (text.equals("true") || text.equals("false")) {
      return text.equals("true");
    }
    if (INTEGER.matcher(text).matches()) {
      return integer(scalar);
    }
    return DECIMAL.matcher(text).matches() ? decimal(scalar) : text;
  }

  private Object integer(Scalar scalar) {
    try {
      return Long.parseLong(scalar.text());
    } catch (NumberFormatException large) {
      return beyond(scalar);
    }
  }

  private Object decimal(Scalar scalar) {
    double value = Double.parseDouble(scalar.text());
    return Double.isFinite(value) ? value : beyond(scalar);
  }

  private Object beyond(Scalar scalar) {
    problems.at(
        scalar.place(),
        "the number " + scalar.text() + " has more than 64 bits",
        "Quote it, if the credential has it as text.");
    return "";
  }
}
