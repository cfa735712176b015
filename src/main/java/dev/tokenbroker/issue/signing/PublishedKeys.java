package dev.tokenbroker.issue.signing;

import dev.tokenbroker.base.json.JsonBytes;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The public keys that verifiers may see at one moment, and the JWK set that shows them.
 *
 * <p>Immutable. As long as the keys do not change, {@link SigningKeys#published()} gives the same
 * object, so that values derived from it can be cached.
 */
public final class PublishedKeys {

  private final List<Map<String, Object>> keys;
  private final byte[] jwks;

  /**
   * @param keys the JWK members of each, with {@code kid} and {@code alg}
   */
  PublishedKeys(List<Map<String, Object>> keys) {
    this.keys = List.copyOf(keys);
    this.jwks = JsonBytes.of(Map.of("keys", keys));
  }

  /** The JWK set (RFC 7517 section 5) in JSON, sorted by {@code kid}. */
  public byte[] jwks() {
    return jwks.clone();
  }

  /** The JWK members of each key. */
  public List<Map<String, Object>> jwkList() {
    return keys;
  }

  /** Whether there is no key; true only until there is a first one to sign with. */
  public boolean isEmpty() {
    return keys.isEmpty();
  }

  /** The algorithms of the keys, by their JWA names, sorted; empty if there is no key. */
  public Set<String> algorithms() {
    Set<String> names = new TreeSet<>();
    keys.forEach(key -> names.add((String) key.get("alg")));
    return names;
  }

  boolean holds(List<Map<String, Object>> others) {
    return keys.equals(others);
  }

  boolean has(String kid) {
    return keys.stream().anyMatch(key -> kid.equals(key.get("kid")));
  }
}
