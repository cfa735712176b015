package dev.tokenbroker.rehearsal;

import dev.tokenbroker.federation.Federation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Restores keyed values that equal a constant of a federation document, by keying the constants.
 * Any other value gets a stand-in that equals no constant. So tests of equality and membership have
 * the same result as with the original value.
 */
final class KnownValues {

  private final Map<String, Object> byKeyedForm = new HashMap<>();
  private final @Nullable ClaimMask mask;

  /**
   * @param mask the mask with the recording's key; without it (null), no value is restored
   */
  KnownValues(@Nullable ClaimMask mask, List<Federation> federations) {
    this.mask = mask;
    if (mask != null) {
      List.of(true, false).forEach(flag -> byKeyedForm.put((String) mask.of(flag), flag));
      federations.stream()
          .flatMap(federation -> federation.policy().rules().stream())
          .flatMap(rule -> rule.uses().stream())
          .flatMap(uses -> uses.constants().stream())
          .forEach(constant -> byKeyedForm.put((String) mask.of(constant), constant));
    }
  }

  /**
   * A value for the judgement.
   *
   * @param exact whether the value equals the credential's value
   */
  record Restored(Object value, boolean exact) {}

  /** The values of the keyed claims of a request. Its clear claims are known, too. */
  Map<String, Restored> of(RecordedRequest request) {
    if (request.keyed().isEmpty()) {
      return Map.of();
    }
    Map<String, Object> own = new HashMap<>();
    request.clear().values().forEach(value -> collect(value, own));
    Map<String, Restored> restored = new HashMap<>();
    request.keyed().forEach((name, keyed) -> restored.put(name, of(keyed, own)));
    return restored;
  }

  private void collect(Object value, Map<String, Object> own) {
    switch (value) {
      case List<?> list -> list.forEach(element -> collect(element, own));
      case Map<?, ?> map -> map.values().forEach(member -> collect(member, own));
      default -> {
        if (mask != null && mask.of(value) instanceof String keyed) {
          own.put(keyed, value);
        }
      }
    }
  }

  private Restored of(Object keyed, Map<String, Object> own) {
    return switch (keyed) {
      case List<?> list -> {
        List<Object> values = new ArrayList<>();
        boolean exact = true;
        for (Object element : list) {
          Restored restored = of(element, own);
          values.add(restored.value());
          exact &= restored.exact();
        }
        yield new Restored(List.copyOf(values), exact);
      }
      case Map<?, ?> map -> {
        Map<String, Object> values = new LinkedHashMap<>();
        boolean exact = true;
        for (Map.Entry<?, ?> member : map.entrySet()) {
          Restored restored = of(member.getValue(), own);
          values.put((String) member.getKey(), restored.value());
          exact &= restored.exact();
        }
        yield new Restored(Map.copyOf(values), exact);
      }
      default -> text(keyed.toString(), own);
    };
  }

  private Restored text(String keyed, Map<String, Object> own) {
    Object known = byKeyedForm.getOrDefault(keyed, own.get(keyed));
    return known == null ? new Restored(standIn(keyed), false) : new Restored(known, true);
  }

  /** Returns a value of the same JSON type. CEL treats other types as unequal or fails. */
  private static Object standIn(String keyed) {
    if (keyed.startsWith("number:")) {
      return (double) keyed.hashCode() + 0.123456789;
    }
    return "\uFFFF" + keyed;
  }
}
