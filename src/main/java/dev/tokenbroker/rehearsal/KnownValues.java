package dev.tokenbroker.rehearsal;

import dev.tokenbroker.federation.Federation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Restores keyed values that equal a constant of a federation document: the constants are keyed
 * alike. Any other value gets a stand-in that equals no constant, so that comparisons for equality
 * and membership come out as they would with the value itself.
 */
final class KnownValues {

  private final Map<String, Object> byKeyedForm = new HashMap<>();

  /**
   * @param mask with the key of the recording; null where it is not given, so that nothing is known
   */
  KnownValues(@Nullable ClaimMask mask, List<Federation> federations) {
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
   * A value to judge by.
   *
   * @param exact whether it is the very value of the credential
   */
  record Restored(Object value, boolean exact) {}

  Restored of(Object keyed) {
    return switch (keyed) {
      case List<?> list -> {
        List<Object> values = new ArrayList<>();
        boolean exact = true;
        for (Object element : list) {
          Restored restored = of(element);
          values.add(restored.value());
          exact &= restored.exact();
        }
        yield new Restored(List.copyOf(values), exact);
      }
      case Map<?, ?> map -> {
        Map<String, Object> values = new LinkedHashMap<>();
        boolean exact = true;
        for (Map.Entry<?, ?> member : map.entrySet()) {
          Restored restored = of(member.getValue());
          values.put((String) member.getKey(), restored.value());
          exact &= restored.exact();
        }
        yield new Restored(Map.copyOf(values), exact);
      }
      default -> text(keyed.toString());
    };
  }

  private Restored text(String keyed) {
    Object known = byKeyedForm.get(keyed);
    return known == null ? new Restored(standIn(keyed), false) : new Restored(known, true);
  }

  /** Of the same JSON type, since CEL compares values of different types as unequal or fails. */
  private static Object standIn(String keyed) {
    if (keyed.startsWith("number:")) {
      return (double) keyed.hashCode() + 0.123456789;
    }
    return "\uFFFF" + keyed;
  }
}
