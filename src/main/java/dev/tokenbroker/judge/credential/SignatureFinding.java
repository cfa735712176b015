package dev.tokenbroker.judge.credential;

import dev.tokenbroker.base.jose.VerificationKey;

/** The result of checking a signature by several keys. */
sealed interface SignatureFinding permits SignatureFinding.SignedBy, SignatureFlaw {

  /** The key that verifies the signature. */
  record SignedBy(VerificationKey key) implements SignatureFinding {}
}
