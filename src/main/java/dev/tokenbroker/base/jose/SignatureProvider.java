package dev.tokenbroker.base.jose;

import dev.tokenbroker.base.jose.SignatureCheck.SignatureVerifier;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Makes and checks signatures through AWS-LC where its library loads, else through the JDK. The
 * choice is made once, at the start. Safe for use by several threads.
 *
 * <p>The provider is never registered with {@code java.security.Security}; only the code that signs
 * or verifies gets it. So the JDK does TLS, random numbers and everything else. The JDK also
 * handles each key that AWS-LC does not support, such as Ed448 and RSA exponents beyond 33 bits.
 */
@Singleton
public final class SignatureProvider {

  private static final Logger LOG = Logger.getLogger(SignatureProvider.class);
  private static final byte[] PROBE = {1, 2, 3, 4};

  private final @Nullable Provider awsLc;

  /** Chooses by the settings, and logs the choice in one line. */
  @Inject
  public SignatureProvider(CryptoSettings settings) {
    this(choose(settings.provider(), AwsLc::load));
  }

  private SignatureProvider(@Nullable Provider awsLc) {
    this.awsLc = awsLc;
  }

  /** The choice of {@code auto}, for code without settings. Does not log. */
  public static SignatureProvider automatic() {
    return new SignatureProvider(
        AwsLc.load() instanceof AwsLc.Loading.LoadedLibrary loaded ? loaded.provider() : null);
  }

  /** The JDK; loads no library. */
  public static SignatureProvider jdk() {
    return new SignatureProvider((Provider) null);
  }

  /**
   * The provider to use; null for the JDK.
   *
   * @param load loads AWS-LC; not called where the choice is the JDK
   */
  static @Nullable Provider choose(
      CryptoSettings.ProviderChoice choice, Supplier<AwsLc.Loading> load) {
    return switch (choice) {
      case JDK -> {
        LOG.info(
            "Signatures are made and checked by the JDK, as token-broker.crypto.provider says");
        yield null;
      }
      case AUTO ->
          switch (load.get()) {
            case AwsLc.Loading.LoadedLibrary(Provider provider, String version) -> {
              LOG.infof(
                  "Signatures are made and checked by AWS-LC (%s %s)", provider.getName(), version);
              yield provider;
            }
            case AwsLc.Loading.LoadFailed(String why) -> {
              LOG.warnf(
                  "Signatures are made and checked by the JDK, several times slower than by AWS-LC,"
                      + " which cannot be used here: %s",
                  why);
              yield null;
            }
          };
    };
  }

  /** The name for meters: {@code aws-lc} or {@code jdk}. */
  public String name() {
    return awsLc == null ? "jdk" : "aws-lc";
  }

  /**
   * The key, ready to sign. The key is converted once to the form of the provider. Otherwise each
   * signature would convert it, which takes longer than signing.
   *
   * @param method the name of a {@link java.security.Signature} without parameters
   */
  public Signer signer(String method, PrivateKey key) {
    SignatureMethod by = SignatureMethod.named(method);
    if (awsLc != null) {
      try {
        Signer signer = new Signer(by, awsLc, (PrivateKey) translated(awsLc, key));
        signer.sign(PROBE);
        return signer;
      } catch (GeneralSecurityException | RuntimeException notForIt) {
        // The JDK may support the key, or report what is wrong with it.
      }
    }
    return new Signer(by, null, key);
  }

  /** The key, ready to verify. */
  SignatureVerifier verifier(SignatureMethod method, PublicKey key) {
    if (awsLc != null) {
      try {
        PublicKey translated = (PublicKey) translated(awsLc, key);
        method.at(awsLc).initVerify(translated);
        return new SignatureVerifier(method, awsLc, translated);
      } catch (GeneralSecurityException | RuntimeException notForIt) {
        // The JDK may support the key.
      }
    }
    return new SignatureVerifier(method, null, key);
  }

  /**
   * The key in the form of the provider. A key stays as it is where the provider has no factory for
   * its kind, such as Ed25519.
   */
  private static Key translated(Provider provider, Key key) throws InvalidKeyException {
    KeyFactory factory;
    try {
      factory = KeyFactory.getInstance(key.getAlgorithm(), provider);
    } catch (NoSuchAlgorithmException none) {
      return key;
    }
    return factory.translateKey(key);
  }

  @Override
  public String toString() {
    return name();
  }
}
