package dev.tokenbroker.judge.issuer;

import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.jose.VerificationKey;

/**
 * A key that its issuer publishes or has withdrawn. It can tell that it made the signature of a
 * refused credential. It cannot accept a credential: it is no {@link VerificationKey}, and gives
 * none away.
 */
public final class WitnessKey {

  private final VerificationKey key;

  WitnessKey(VerificationKey key) {
    this.key = key;
  }

  /** The thumbprint (RFC 7638). */
  public String thumbprint() {
    return key.thumbprint();
  }

  /** Whether this key made the signature with that algorithm. */
  public boolean made(
      SignatureProvider provider,
      SigningAlgorithm algorithm,
      byte[] signingInput,
      byte[] signature) {
    return key.verify(provider, algorithm, signingInput, signature);
  }
}
