package dev.tokenbroker.judge.credential;

import dev.tokenbroker.base.json.JsonKind;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The members of a JWT header that the broker uses (RFC 7515 section 4).
 *
 * @param algorithm {@code alg} as the header has it, not yet checked
 * @param type {@code typ} in lower case; empty if absent
 * @param keyId {@code kid}, at most {@value #MAX_KEY_ID_CHARS} characters; null if absent
 * @param offeredKeys the names of present members that offer the credential's own key; the broker
 *     never uses their values (RFC 8725 section 3.10)
 */
record JoseHeader(String algorithm, String type, @Nullable String keyId, List<String> offeredKeys) {

  static final int MAX_KEY_ID_CHARS = 256;

  /**
   * Members that change the signed content or the meaning of the parts: {@code crit} and {@code
   * b64} (RFC 7797), {@code zip} and {@code enc} (RFC 7516).
   */
  private static final List<String> NOT_SUPPORTED = List.of("crit", "b64", "zip", "enc");

  private static final List<String> KEY_OFFERS = List.of("jku", "jwk", "x5u", "x5c");

  /**
   * The accepted values of {@code typ}. The broker refuses JWTs of another kind, for example logout
   * tokens, proofs of possession and verifiable credentials (RFC 8725 section 3.11). SPIFFE
   * JWT-SVIDs may have the type {@code JOSE}.
   */
  private static final Set<String> TYPES =
      Set.of("jwt", "application/jwt", "at+jwt", "application/at+jwt", "jose", "application/jose");

  private static final Set<String> NESTED = Set.of("jwt", "application/jwt");

  /**
   * Reads the header. A refusal is {@code CREDENTIAL_NOT_SUPPORTED}, {@code CREDENTIAL_MALFORMED}
   * or {@code CREDENTIAL_TOO_LARGE}.
   */
  static Outcome<JoseHeader> read(Map<String, Object> members) {
    for (String name : NOT_SUPPORTED) {
      if (members.containsKey(name)) {
        return Outcome.refused(
            notSupported("a header without " + String.join(", ", NOT_SUPPORTED), name));
      }
    }
    if (!(members.get("alg") instanceof String algorithm)) {
      return Outcome.refused(malformed("alg as a string", members.get("alg")));
    }
    Object keyId = members.get("kid");
    if (keyId != null && !(keyId instanceof String)) {
      return Outcome.refused(malformed("kid as a string", keyId));
    }
    if (keyId instanceof String id && id.length() > MAX_KEY_ID_CHARS) {
      return Outcome.refused(
          Refusal.of(RefusalReason.CREDENTIAL_TOO_LARGE)
              .expected("in the header a kid of at most " + MAX_KEY_ID_CHARS + " characters")
              .seen(id.length() + " characters"));
    }
    Optional<Refusal> kind = judgeKind(members);
    return kind.isPresent()
        ? Outcome.refused(kind.get())
        : Outcome.accepted(
            new JoseHeader(
                algorithm,
                lowerCase(members.getOrDefault("typ", "")),
                (String) keyId,
                keyOffers(members)));
  }

  private static Optional<Refusal> judgeKind(Map<String, Object> members) {
    Object type = members.get("typ");
    Object content = members.get("cty");
    if (type != null && !(type instanceof String)) {
      return Optional.of(malformed("typ as a string", type));
    }
    if (content != null && !(content instanceof String)) {
      return Optional.of(malformed("cty as a string", content));
    }
    if (type != null && !TYPES.contains(lowerCase(type))) {
      return Optional.of(notSupported("typ JWT or at+jwt, or no typ", "typ " + type));
    }
    if (content != null && NESTED.contains(lowerCase(content))) {
      return Optional.of(
          notSupported("claims as the payload", "another JWT in it: cty " + content));
    }
    return Optional.empty();
  }

  /** Converts a media type to lower case: case does not matter (RFC 7515 section 4.1.9). */
  private static String lowerCase(Object mediaType) {
    return mediaType.toString().toLowerCase(Locale.ROOT);
  }

  private static List<String> keyOffers(Map<String, Object> members) {
    return KEY_OFFERS.stream().filter(members::containsKey).toList();
  }

  private static Refusal notSupported(String expected, String seen) {
    return Refusal.of(RefusalReason.CREDENTIAL_NOT_SUPPORTED).expected(expected).seen(seen);
  }

  private static Refusal malformed(String expected, @Nullable Object seen) {
    return Refusal.of(RefusalReason.CREDENTIAL_MALFORMED)
        .expected("in the header " + expected)
        .seen(JsonKind.of(seen));
  }
}
