package dev.tokenbroker.judge.issuer;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Remembers the last {@value #MAX_KIDS} key names whose keys an issuer withdrew or replaced. A
 * verdict can then tell a withdrawn key from a made-up one. Safe for use by several threads.
 */
final class FormerKeys {

  static final int MAX_KIDS = 256;

  private final Map<String, FormerKey> byKid = new LinkedHashMap<>();

  /**
   * The keys that a name had.
   *
   * @param lastSeen when they were last fetched
   * @param gone when a key set without them arrived
   */
  private record FormerKey(Set<String> thumbprints, Instant lastSeen, Instant gone) {}

  /** Compares a key set with the one that it replaces, and remembers what is gone. */
  synchronized KeyChange replace(KeyFetch.FetchedKeys before, KeyFetch.FetchedKeys after) {
    Map<String, Set<String>> had = before.keys().thumbprints();
    Map<String, Set<String>> has = after.keys().thumbprints();
    had.forEach(
        (kid, thumbprints) -> {
          if (!thumbprints.equals(has.get(kid))) {
            byKid.remove(kid);
            byKid.put(kid, new FormerKey(thumbprints, before.fetchedAt(), after.fetchedAt()));
          }
        });
    // A key that has come back is a former key no more.
    byKid.entrySet().removeIf(key -> key.getValue().thumbprints().equals(has.get(key.getKey())));
    while (byKid.size() > MAX_KIDS) {
      byKid.remove(byKid.keySet().iterator().next());
    }
    return KeyChange.between(had, has);
  }

  /** One sentence about the keys that the name had; empty if none is remembered. */
  synchronized Optional<String> tell(String kid, boolean published) {
    FormerKey former = byKid.get(kid);
    if (former == null) {
      return Optional.empty();
    }
    String until = former.lastSeen() + "; a key set fetched at " + former.gone();
    return Optional.of(
        published
            ? "The key was replaced under the same kid: %s was published until %s has another."
                .formatted(String.join(", ", former.thumbprints()), until)
            : "The kid was published until %s no longer has it.".formatted(until));
  }
}
