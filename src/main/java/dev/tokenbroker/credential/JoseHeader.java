package dev.tokenbroker.credential;

import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The header of a signed JWT (RFC 7515 section 4), of which only this much is ever used.
 *
 * @param algorithm {@code alg} as it stands, not yet judged
 * @param type {@code typ} in lower case; empty where there is none
 * @param keyId {@code kid}, at most {@value #MAX_KEY_ID_CHARS} characters; null where there is none
 * @param offeredKeys the members present by which a credential offers its own key; they are never
 *     followed (RFC 8725 section 3.10)
 */
record JoseHeader(String algorithm, String type, @Nullable String keyId, List<String> offeredKeys) {

  static final int MAX_KEY_ID_CHARS = 256;

  /**
   * Members that change what the signature covers or how the parts are read: {@code crit} and
   * {@code b64} (RFC 7797), {@code zip} and {@code enc} (RFC 7516).
   */
  private static final List<String> NOT_SUPPORTED = List.of("crit", "b64", "zip", "enc");

  private static final List<String> KEY_OFFERS = List.of("jku", "jwk", "x5u", "x5c");

  /**
   * A JWT of another kind (a logout token, a proof of possession, a verifiable credential) says so
   * in {@code typ} and must not pass as one of these (RFC 8725 section 3.11). SPIFFE JWT-SVIDs may
   * say {@code JOSE}.
   */
  private static final Set<String> TYPES =
      Set.of("jwt", "application/jwt", "at+jwt", "application/at+jwt", "jose", "application/jose");

  private static final Set<String> NESTED = Set.of("jwt", "application/jwt");

  /**
   * The header; or the refusal {@code CREDENTIAL_NOT_SUPPORTED}, {@code CREDENTIAL_MALFORMED} or
   * {@code CREDENTIAL_TOO_LARGE}.
   */
  static Outcome<JoseHeader> read(Map<String, Object> members) {
    for (String name : NOT_SUPPORTED) {
      if (members.containsKey(name)) {
        return Outcome.refused(
            notSupported("a header without " + String.join(", ", NOT_SUPPORTED), name));
      }
    }
    if (!(members.get("alg") instanceof String algorithm)) {
      return Outcome.refused(malformed("alg as a string"));
    }
    Object keyId = members.get("kid");
    if (keyId != null && !(keyId instanceof String)) {
      return Outcome.refused(malformed("kid as a string"));
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
      return Optional.of(malformed("typ as a string"));
    }
    if (content != null && !(content instanceof String)) {
      return Optional.of(malformed("cty as a string"));
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

  /** Media types are compared without regard to case (RFC 7515 section 4.1.9). */
  private static String lowerCase(Object mediaType) {
    return mediaType.toString().toLowerCase(Locale.ROOT);
  }

  private static List<String> keyOffers(Map<String, Object> members) {
    return KEY_OFFERS.stream().filter(members::containsKey).toList();
  }

  private static Refusal notSupported(String expected, String seen) {
    return Refusal.of(RefusalReason.CREDENTIAL_NOT_SUPPORTED).expected(expected).seen(seen);
  }

  private static Refusal malformed(String expected) {
    return Refusal.of(RefusalReason.CREDENTIAL_MALFORMED)
        .expected("in the header " + expected)
        .seen("none, or something else");
  }
}
