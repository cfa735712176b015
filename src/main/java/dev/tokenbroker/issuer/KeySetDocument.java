package dev.tokenbroker.issuer;

import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A JWK set (RFC 7517 section 5) as an issuer publishes it. */
public final class KeySetDocument {

  /** More than any issuer needs. */
  public static final int MAX_KEYS = 100;

  private static final String EXPECTED = "a JSON object with an array keys (RFC 7517 section 5)";

  private KeySetDocument() {}

  /**
   * Reads a key set of at most 256 KiB. Keys that cannot be used are left out.
   *
   * @return the usable keys in their order, at least one; or {@code KEYS_INVALID}: no strict JSON
   *     object, no array {@code keys}, more than {@value #MAX_KEYS} of them, or none usable
   */
  public static Outcome<List<VerificationKey>> parse(byte[] jwksJson) {
    return StrictJson.object(jwksJson).then(KeySetDocument::read);
  }

  private static Outcome<List<VerificationKey>> read(Map<String, Object> document) {
    if (!(document.get("keys") instanceof List<?> entries)) {
      return refused("a JSON object without an array keys");
    }
    if (entries.size() > MAX_KEYS) {
      return refused(entries.size() + " keys, which is more than " + MAX_KEYS);
    }
    List<VerificationKey> keys = new ArrayList<>();
    for (Object entry : entries) {
      if (entry instanceof Map<?, ?> jwk) {
        VerificationKey.of(members(jwk)).ifPresent(keys::add);
      }
    }
    if (keys.isEmpty()) {
      return refused("no usable key among " + entries.size());
    }
    return Outcome.accepted(List.copyOf(keys));
  }

  /** A JSON object, as {@link StrictJson} made it. */
  @SuppressWarnings("unchecked")
  private static Map<String, Object> members(Map<?, ?> object) {
    return (Map<String, Object>) object;
  }

  private static Outcome<List<VerificationKey>> refused(String seen) {
    return Outcome.refused(Refusal.of(RefusalReason.KEYS_INVALID).expected(EXPECTED).seen(seen));
  }
}
