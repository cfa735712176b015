package dev.tokenbroker.base.jose;

/** What a JWK is to a verifier. */
public sealed interface JwkFinding {

  /** A key for signatures. */
  record UsableKey(VerificationKey key) implements JwkFinding {}

  /**
   * A key that is not for signatures, or not safe.
   *
   * @param cause why, in words without its values: part of a sentence
   */
  record UnusableKey(String cause) implements JwkFinding {}
}
