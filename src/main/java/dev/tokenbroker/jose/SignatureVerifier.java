package dev.tokenbroker.jose;

import java.security.GeneralSecurityException;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Signature;
import org.jspecify.annotations.Nullable;

/** A public key at the provider that verifies with it. Safe for use by several threads. */
final class SignatureVerifier {

  private final SignatureMethod method;
  private final @Nullable Provider provider;
  private final PublicKey key;

  /**
   * @param provider null for the JDK
   * @param key in the form of that provider
   */
  SignatureVerifier(SignatureMethod method, @Nullable Provider provider, PublicKey key) {
    this.method = method;
    this.provider = provider;
    this.key = key;
  }

  /** Whether it is the key's signature; whatever cannot be verified is none. */
  boolean verify(byte[] input, byte[] signature) {
    try {
      Signature check = method.at(provider);
      check.initVerify(key);
      check.update(input);
      return check.verify(signature);
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException("This Java runtime lacks " + method.name(), missing);
    } catch (GeneralSecurityException | RuntimeException unverifiable) {
      // What a provider throws for malformed signatures is not specified: the bytes of a stranger
      // must not become our fault.
      return false;
    }
  }
}
