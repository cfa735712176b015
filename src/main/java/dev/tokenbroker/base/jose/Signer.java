package dev.tokenbroker.base.jose;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.Signature;
import org.jspecify.annotations.Nullable;

/** Signs with one private key and one provider. Safe for use by several threads. */
public final class Signer {

  private final SignatureMethod method;
  private final @Nullable Provider provider;
  private final PrivateKey key;

  /**
   * @param provider null for the JDK
   * @param key the key in the form of that provider
   */
  Signer(SignatureMethod method, @Nullable Provider provider, PrivateKey key) {
    this.method = method;
    this.provider = provider;
    this.key = key;
  }

  /** The signature of the input. */
  public byte[] sign(byte[] input) throws GeneralSecurityException {
    Signature signature = method.at(provider);
    signature.initSign(key);
    signature.update(input);
    return signature.sign();
  }
}
