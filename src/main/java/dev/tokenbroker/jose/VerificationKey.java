package dev.tokenbroker.jose;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A public key of an issuer, bound to the algorithms that it may verify. Immutable.
 *
 * <p>Never a symmetric key, an RSA key below 2048 or above 16384 bits or with the fingerprint of
 * ROCA, a point off its curve, or an Edwards point of small order.
 */
public final class VerificationKey {

  private final @Nullable String kid;
  private final Map<SigningAlgorithm, SignatureCheck> checks;

  VerificationKey(@Nullable String kid, Map<SigningAlgorithm, SignatureCheck> checks) {
    this.kid = kid;
    this.checks = Collections.unmodifiableMap(new EnumMap<>(checks));
  }

  /**
   * Reads a JWK (RFC 7517, 7518 section 6, 8037 section 2); of a private one, the public part.
   *
   * @param jwkJson the JSON members as strings, lists and maps
   * @return empty where the key is not for verifying or cannot be used safely: such keys are
   *     ignored (RFC 7517 section 5)
   */
  public static Optional<VerificationKey> of(Map<String, Object> jwkJson) {
    return JwkReader.read(jwkJson);
  }

  /** Its name; null where it has none. */
  public @Nullable String kid() {
    return kid;
  }

  /** What it may verify; never empty. */
  public Set<SigningAlgorithm> algorithms() {
    return checks.keySet();
  }

  public boolean supports(SigningAlgorithm algorithm) {
    return checks.containsKey(algorithm);
  }

  /**
   * Whether this key made the signature under that algorithm; false where the key does not support
   * it. ECDSA signatures have the form of RFC 7518 section 3.4. Never throws, whatever the
   * signature is.
   *
   * @param provider who checks it; of the signatures that signers make the answer is the same by
   *     each
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
