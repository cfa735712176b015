package dev.tokenbroker.base.jose;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A public key, bound to the algorithms that it may verify. Safe for use by several threads.
 *
 * <p>It is never a symmetric key, a point off its curve, or an Edwards point of small order. An RSA
 * key has 2048 to 16384 bits and no ROCA fingerprint.
 */
public final class VerificationKey {

  private final @Nullable String kid;
  private final Thumbprint thumbprint;
  private final Map<SigningAlgorithm, SignatureCheck> checks;

  VerificationKey(
      @Nullable String kid, Thumbprint thumbprint, Map<SigningAlgorithm, SignatureCheck> checks) {
    this.kid = kid;
    this.thumbprint = thumbprint;
    this.checks = Collections.unmodifiableMap(new EnumMap<>(checks));
  }

  /**
   * Reads the public part of a JWK (RFC 7517, 7518 section 6, 8037 section 2).
   *
   * @param jwkJson the JSON members as strings, lists and maps
   * @return empty if the key is not for verification or not safe; a key set ignores such keys (RFC
   *     7517 section 5)
   */
  public static Optional<VerificationKey> of(Map<String, Object> jwkJson) {
    return read(jwkJson) instanceof JwkFinding.UsableKey(VerificationKey key)
        ? Optional.of(key)
        : Optional.empty();
  }

  /** As {@link #of}, with the cause where the key is unusable. */
  public static JwkFinding read(Map<String, Object> jwkJson) {
    return JwkReader.read(jwkJson);
  }

  /** Whether a JWK has members that only private and symmetric keys have. */
  public static boolean isPrivate(Map<String, Object> jwkJson) {
    return JwkReader.PRIVATE.stream().anyMatch(jwkJson::containsKey);
  }

  /** The {@code kid} of the key; null where it has none. */
  public @Nullable String kid() {
    return kid;
  }

  /**
   * The thumbprint of the key as it was published: RFC 7638, SHA-256, base64url. Made anew at each
   * call, for evidence and for comparing keys.
   */
  public String thumbprint() {
    return thumbprint.text();
  }

  /** The algorithms that the key may verify; never empty. */
  public Set<SigningAlgorithm> algorithms() {
    return checks.keySet();
  }

  public boolean supports(SigningAlgorithm algorithm) {
    return checks.containsKey(algorithm);
  }

  /**
   * Whether this key made the signature with that algorithm; false if the key does not support the
   * algorithm. ECDSA signatures have the form of RFC 7518 section 3.4. No signature makes this
   * method throw.
   *
   * @param provider the provider that checks the signature; all providers agree on well-formed
   *     signatures
   */
  public boolean verify(
      SignatureProvider provider,
      SigningAlgorithm algorithm,
      byte[] signingInput,
      byte[] signature) {
    SignatureCheck check = checks.get(algorithm);
    return check != null && check.verify(provider, signingInput, signature);
  }

  @Override
  public String toString() {
    return "VerificationKey[kid=" + kid + ", algorithms=" + algorithms() + "]";
  }
}
