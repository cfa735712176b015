package dev.tokenbroker.judge.issuer;

import dev.tokenbroker.base.jose.JwkFinding;
import dev.tokenbroker.base.jose.VerificationKey;
import dev.tokenbroker.base.json.PeerJson;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A JWK set (RFC 7517 section 5) as an issuer publishes it.
 *
 * @param keys the usable keys, in their order; at least one
 * @param unusable why the others are unusable, by their name, as far as a credential can name them
 */
public record KeySetDocument(List<VerificationKey> keys, Map<String, String> unusable) {

  /** More than any issuer needs. */
  public static final int MAX_KEYS = 100;

  private static final int MAX_CAUSES = 4;

  private static final String EXPECTED = "a JSON object with an array keys (RFC 7517 section 5)";

  public KeySetDocument {
    if (keys.isEmpty()) {
      throw new IllegalArgumentException("no keys");
    }
    keys = List.copyOf(keys);
    unusable = Map.copyOf(unusable);
  }

  /**
   * Reads a key set of at most 256 KiB.
   *
   * @return the key set; or {@code KEYS_INVALID}: no strict JSON object, no array {@code keys},
   *     more than {@value #MAX_KEYS} of them, or none usable
   */
  public static Outcome<KeySetDocument> parse(byte[] jwksJson) {
    return PeerJson.object(jwksJson).then(KeySetDocument::read);
  }

  private static Outcome<KeySetDocument> read(Map<String, Object> document) {
    if (!(document.get("keys") instanceof List<?> entries)) {
      return refused("a JSON object without an array keys");
    }
    if (entries.size() > MAX_KEYS) {
      return refused(entries.size() + " keys, which is more than " + MAX_KEYS);
    }
    List<VerificationKey> keys = new ArrayList<>();
    Map<String, String> unusable = new HashMap<>();
    List<String> causes = new ArrayList<>();
    for (Object entry : entries) {
      if (entry instanceof Map<?, ?> jwk) {
        switch (VerificationKey.read(members(jwk))) {
          case JwkFinding.UsableKey(VerificationKey key) -> keys.add(key);
          case JwkFinding.UnusableKey(String cause) -> {
            Optional<String> name = nameable(jwk);
            causes.add(name.map(kid -> "kid " + kid + ": " + cause).orElse(cause));
            name.ifPresent(kid -> unusable.put(kid, cause));
          }
        }
      }
    }
    if (keys.isEmpty()) {
      return refused("no usable key among " + entries.size() + causes(causes));
    }
    return Outcome.accepted(new KeySetDocument(keys, unusable));
  }

  private static String causes(List<String> causes) {
    return causes.isEmpty()
        ? ""
        : causes.stream().distinct().limit(MAX_CAUSES).collect(Collectors.joining("; ", ": ", ""));
  }

  private static Optional<String> nameable(Map<?, ?> jwk) {
    return jwk.get("kid") instanceof String kid && kid.length() <= MissedKids.MAX_KID_CHARS
        ? Optional.of(kid)
        : Optional.empty();
  }

  /** Casts a JSON object from {@link PeerJson}. */
  @SuppressWarnings("unchecked")
  private static Map<String, Object> members(Map<?, ?> object) {
    return (Map<String, Object>) object;
  }

  private static Outcome<KeySetDocument> refused(String seen) {
    return Outcome.refused(Refusal.of(RefusalReason.KEYS_INVALID).expected(EXPECTED).seen(seen));
  }
}
