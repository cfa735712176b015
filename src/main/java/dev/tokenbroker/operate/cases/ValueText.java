package dev.tokenbroker.operate.cases;

import dev.tokenbroker.base.json.JsonBytes;
import dev.tokenbroker.base.refusal.Evidence;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Formats a value for a report: scopes, claims, times. */
public final class ValueText {

  private ValueText() {}

  /** The text on one line, cleaned and cut as all evidence is. */
  public static String of(Object value) {
    return Evidence.clean(
        switch (value) {
          case List<?> list ->
              list.isEmpty()
                  ? "none"
                  : list.stream().map(String::valueOf).collect(Collectors.joining(" "));
          case Map<?, ?> map -> json(map);
          case Duration time -> dev.tokenbroker.base.yaml.Durations.format(time);
          default -> value.toString();
        });
  }

  private static String json(Map<?, ?> map) {
    Map<String, Object> sorted = new TreeMap<>();
    map.forEach((name, value) -> sorted.put((String) name, value));
    return new String(JsonBytes.of(sorted), StandardCharsets.UTF_8);
  }
}
