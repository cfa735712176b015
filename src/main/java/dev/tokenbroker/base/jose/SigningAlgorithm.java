package dev.tokenbroker.base.jose;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The signature algorithms that the broker supports, all of them asymmetric (RFC 7518 section 3.1,
 * RFC 8037 section 3.1, RFC 9864). {@code none} and HMAC have no constant, so no setting can enable
 * them.
 */
public enum SigningAlgorithm {
  RS256("RS256"),
  RS384("RS384"),
  RS512("RS512"),
  PS256("PS256"),
  PS384("PS384"),
  PS512("PS512"),
  ES256("ES256"),
  ES384("ES384"),
  ES512("ES512"),
  /** EdDSA on Ed25519 or Ed448; the key decides which. */
  EDDSA("EdDSA"),
  /** {@link #EDDSA} with a key on Ed25519, by the name of RFC 9864. */
  ED25519("Ed25519"),
  /** {@link #EDDSA} with a key on Ed448, by the name of RFC 9864. */
  ED448("Ed448");

  private static final Map<String, SigningAlgorithm> BY_NAME =
      Arrays.stream(values())
          .collect(Collectors.toUnmodifiableMap(SigningAlgorithm::jwaName, Function.identity()));

  private final String jwaName;

  SigningAlgorithm(String jwaName) {
    this.jwaName = jwaName;
  }

  /** The value of {@code alg} in a JOSE header or a JWK. */
  public String jwaName() {
    return jwaName;
  }

  /** The algorithm with exactly this {@code alg}, case included. */
  public static Optional<SigningAlgorithm> named(String alg) {
    return Optional.ofNullable(BY_NAME.get(alg));
  }
}
