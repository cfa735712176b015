package dev.tokenbroker.judge.issuer;

import dev.tokenbroker.base.jose.VerificationKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The keys of one issuer, by name; at least one. Immutable. */
final class KeyRing {

  /** How many names are listed for operators. */
  static final int MAX_LISTED = 16;

  private static final int MAX_NAMED = 8;
  private static final int MAX_NAME_CHARS = 64;

  private final List<VerificationKey> all;
  private final Map<String, List<VerificationKey>> byName = new LinkedHashMap<>();
  private final Map<String, String> unusable;
  private final String names;

  KeyRing(KeySetDocument published) {
    this.all = published.keys();
    this.unusable = published.unusable();
    for (VerificationKey key : all) {
      String name = key.kid();
      if (name != null) {
        byName.computeIfAbsent(name, _ -> new ArrayList<>()).add(key);
      }
    }
    byName.replaceAll((_, named) -> List.copyOf(named));
    this.names = describe(byName.keySet());
  }

  List<VerificationKey> all() {
    return all;
  }

  /** The keys with exactly that name; all keys where the credential names none. */
  List<VerificationKey> candidates(@Nullable String kid) {
    return kid == null ? all : byName.getOrDefault(kid, List.of());
  }

  /** Whether a published key has that name, be it usable or not. */
  boolean publishes(String kid) {
    return byName.containsKey(kid) || unusable.containsKey(kid);
  }

  /** The first {@value #MAX_LISTED} names of usable keys, each cut off if too long. */
  List<String> kids() {
    return byName.keySet().stream().limit(MAX_LISTED).map(KeyRing::cut).toList();
  }

  private static String cut(String name) {
    return name.length() > MAX_NAME_CHARS ? name.substring(0, MAX_NAME_CHARS) : name;
  }

  /** For evidence: the name of a missing key. */
  String missing(@Nullable String kid) {
    // The explanation comes before the name, which may fill the evidence up to its limit.
    String cause = kid == null ? null : unusable.get(kid);
    return cause != null
        ? "the kid of a key that is published, and cannot be used, since " + cause + ": " + kid
        : "kid " + kid;
  }

  /** The thumbprints of the keys of each name. */
  Map<String, Set<String>> thumbprints() {
    Map<String, Set<String>> byKid = new HashMap<>();
    byName.forEach((kid, keys) -> byKid.put(kid, thumbprints(keys)));
    return byKid;
  }

  /** The thumbprints of those keys. */
  static Set<String> thumbprints(List<VerificationKey> keys) {
    return keys.stream().map(VerificationKey::thumbprint).collect(Collectors.toSet());
  }

  /** For evidence: the first {@value #MAX_NAMED} names, each cut off if too long. */
  String names() {
    return names;
  }

  private static String describe(Set<String> names) {
    if (names.isEmpty()) {
      return "(none has a name)";
    }
    String first =
        names.stream().limit(MAX_NAMED).map(KeyRing::cut).collect(Collectors.joining(", "));
    int more = names.size() - MAX_NAMED;
    return more > 0 ? first + " and " + more + " more" : first;
  }
}
