package dev.tokenbroker.signing;

import dev.tokenbroker.jose.JsonBytes;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The public keys that verifiers may see at one moment, and the JWK set that shows them.
 *
 * <p>Immutable. As long as the keys do not change, {@link SigningKeys#published()} gives the same
 * object, so that values derived from it can be cached.
 */
public final class PublishedKeys {

  private final List<SigningKey> keys;
  private final byte[] jwks;

  PublishedKeys(List<SigningKey> keys) {
    this.keys = List.copyOf(keys);
    this.jwks = JsonBytes.of(Map.of("keys", jwkList()));
  }

  /** The JWK set (RFC 7517 section 5) in JSON, sorted by {@code kid}. */
  public byte[] jwks() {
    return jwks.clone();
  }

  /** The JWK members of each key. */
  public List<Map<String, Object>> jwkList() {
    return keys.stream().map(SigningKey::publicJwk).toList();
  }

  /** Whether there is no key; true only until key files can be read. */
  public boolean isEmpty() {
    return keys.isEmpty();
  }

  /** The algorithms of the keys, by their JWA names, sorted; empty if there is no key. */
  public Set<String> algorithms() {
    Set<String> names = new TreeSet<>();
    keys.forEach(key -> names.add(key.algorithm().jwaName()));
    return names;
  }

  boolean holds(List<SigningKey> others) {
    return keys.equals(others);
  }

  Optional<SigningKey> find(String kid) {
    return keys.stream().filter(key -> key.kid().equals(kid)).findFirst();
  }
}
