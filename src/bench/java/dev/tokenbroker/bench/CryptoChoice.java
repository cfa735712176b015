package dev.tokenbroker.bench;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import dev.tokenbroker.base.jose.SignatureProvider;
import java.security.Provider;
import java.security.Security;

/** The providers that are measured, by the names that the meter gives them. */
final class CryptoChoice {

  private CryptoChoice() {}

  /** For the broker. */
  static SignatureProvider broker(String name) {
    SignatureProvider provider =
        name.equals("jdk") ? SignatureProvider.jdk() : SignatureProvider.automatic();
    if (!provider.name().equals(name)) {
      throw new IllegalStateException(name + " is not to be had here: " + provider.name() + " is");
    }
    return provider;
  }

  /** For bare operations on elliptic curves. */
  static Provider bare(String name) {
    return name.equals("jdk")
        ? Security.getProvider("SunEC")
        : AmazonCorrettoCryptoProvider.INSTANCE;
  }
}
