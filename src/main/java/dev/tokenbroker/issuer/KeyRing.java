package dev.tokenbroker.issuer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Keys by their names; at least one. Immutable. */
final class KeyRing {

  private final List<VerificationKey> all;
  private final Map<String, List<VerificationKey>> byName;

  private KeyRing(List<VerificationKey> all, Map<String, List<VerificationKey>> byName) {
    this.all = all;
    this.byName = byName;
  }

  static KeyRing of(List<VerificationKey> keys) {
    if (keys.isEmpty()) {
      throw new IllegalArgumentException("no keys");
    }
    Map<String, List<VerificationKey>> byName = new HashMap<>();
    for (VerificationKey key : keys) {
      String name = key.kid();
      if (name != null) {
        byName.computeIfAbsent(name, fresh -> new ArrayList<>()).add(key);
      }
    }
    byName.replaceAll((name, named) -> List.copyOf(named));
    return new KeyRing(List.copyOf(keys), byName);
  }

  List<VerificationKey> all() {
    return all;
  }

  /** The keys of exactly that name; all of them where the credential names none. */
  List<VerificationKey> candidates(@Nullable String kid) {
    return kid == null ? all : byName.getOrDefault(kid, List.of());
  }

  /** For evidence. */
  String names() {
    return byName.isEmpty() ? "(none has a name)" : String.join(", ", byName.keySet());
  }
}
