package dev.tokenbroker.judge.credential;

import dev.tokenbroker.base.jose.VerificationKey;
import org.jspecify.annotations.Nullable;

/**
 * The issuer's key that verified a credential.
 *
 * @param keysVersion the version of the issuer's keys, read before the lookup; 0 if none
 * @param key the key; null if no signature proves the identity
 */
record VerifyingKey(long keysVersion, @Nullable VerificationKey key) {

  /** The key of an identity that nothing proves. */
  static final VerifyingKey NONE = new VerifyingKey(0, null);

  /** The thumbprint of the key (RFC 7638); empty without a key. */
  String thumbprint() {
    return key == null ? "" : key.thumbprint();
  }
}
