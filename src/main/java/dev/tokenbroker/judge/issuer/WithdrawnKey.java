package dev.tokenbroker.judge.issuer;

import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.jose.VerificationKey;

/**
 * A key that its issuer has withdrawn. It can tell that it made the signature of a refused
 * credential. It cannot accept a credential: it is no {@link VerificationKey}, and gives none away.
 */
public final class WithdrawnKey {

  private final VerificationKey key;

  WithdrawnKey(VerificationKey key) {
    this.key = key;
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
