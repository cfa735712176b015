package dev.tokenbroker.base.jose;

import java.security.GeneralSecurityException;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Signature;
import org.jspecify.annotations.Nullable;

/**
 * Verifies signatures with one public key and one provider. Safe for use by several threads.
 *
 * @param provider null for the JDK
 * @param key the key in the form of that provider
 */
record SignatureVerifier(SignatureMethod method, @Nullable Provider provider, PublicKey key) {

  /** Whether the key made the signature; false if the signature cannot be verified. */
  boolean verify(byte[] input, byte[] signature) {
    try {
      Signature check = method.at(provider);
      check.initVerify(key);
      check.update(input);
      return check.verify(signature);
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException("This Java runtime lacks " + method.name(), missing);
    } catch (GeneralSecurityException | RuntimeException unverifiable) {
      // The exceptions of a provider for malformed signatures are not specified. A caller's bytes
      // must not become a fault of the broker.
      return false;
    }
  }
}
