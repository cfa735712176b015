package dev.tokenbroker.jose;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import com.amazon.corretto.crypto.provider.SelfTestStatus;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Provider;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.ECGenParameterSpec;

/**
 * AWS-LC, by the Amazon Corretto Crypto Provider: native code that makes and checks signatures
 * several times faster than the JDK.
 *
 * <p>Its library is unpacked to a directory and loaded, or found beside a native executable, which
 * can fail in many ways: another C library or processor, nowhere to write, no right to run what was
 * written, a file left out. Nothing of that is an error here. It is usable only if it also passes
 * its own tests and ours: a provider that accepts what it should refuse is worse than none.
 */
final class AwsLc {

  /** Set in a native executable alone. */
  private static final String IMAGE = "org.graalvm.nativeimage.imagecode";

  private static final String LIBRARY_BESIDE = "com.amazon.corretto.crypto.provider.useExternalLib";
  private static final int MAX_REASON_CHARS = 200;
  private static final int MAX_CAUSES = 8;

  private AwsLc() {}

  /** What came of loading it. */
  sealed interface Loading {

    /** Loaded and tested. */
    record Loaded(Provider provider, String version) implements Loading {}

    /** Not usable in this process, in one line. */
    record Failed(String why) implements Loading {}
  }

  /**
   * Loads the library at the first use, so a process whose settings forbid native code has none. It
   * is static because a process loads a library once.
   */
  private static final class Once {
    private static final Loading RESULT = attempt();
  }

  /** Takes up to a second in the first call, while code is cold; later ones give the same. */
  static Loading load() {
    return Once.RESULT;
  }

  private static Loading attempt() {
    if (System.getProperty(IMAGE) != null && System.getProperty(LIBRARY_BESIDE) == null) {
      // The executable has no library in it to unpack: it lies in the same directory.
      System.setProperty(LIBRARY_BESIDE, "true");
    }
    try {
      AmazonCorrettoCryptoProvider provider = AmazonCorrettoCryptoProvider.INSTANCE;
      Throwable notLoaded = provider.getLoadingError();
      if (notLoaded != null) {
        return failed(notLoaded);
      }
      SelfTestStatus tests = provider.runSelfTests();
      if (tests != SelfTestStatus.PASSED) {
        return new Loading.Failed("its self-tests: " + tests);
      }
      provider.assertHealthy();
      if (!tellsSignaturesApart(provider)) {
        return new Loading.Failed("it does not tell good signatures from bad ones");
      }
      return new Loading.Loaded(
          provider, provider.getVersionStr() + ", " + provider.getAwsLcVersionStr());
    } catch (GeneralSecurityException | RuntimeException | LinkageError e) {
      return failed(e);
    }
  }

  /** Its own tests cover digests, MACs and chance, not what it is used for here. */
  private static boolean tellsSignaturesApart(Provider provider) throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", provider);
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    KeyPair pair = generator.generateKeyPair();
    byte[] message = {1, 2, 3, 4};
    Signature signer = Signature.getInstance(SignatureMethod.ES256, provider);
    signer.initSign(pair.getPrivate());
    signer.update(message);
    byte[] signature = signer.sign();
    boolean good = verifies(provider, pair, message, signature);
    message[0] ^= 1;
    return good && !verifies(provider, pair, message, signature);
  }

  private static boolean verifies(Provider provider, KeyPair pair, byte[] message, byte[] signature)
      throws GeneralSecurityException {
    Signature verifier = Signature.getInstance(SignatureMethod.ES256, provider);
    verifier.initVerify(pair.getPublic());
    verifier.update(message);
    try {
      return verifier.verify(signature);
    } catch (SignatureException refused) {
      return false;
    }
  }

  /** What failed and why at the bottom: between them stand only wrappings. */
  private static Loading failed(Throwable failure) {
    Throwable bottom = failure.getCause();
    for (int depth = 1;
        depth < MAX_CAUSES && bottom != null && bottom.getCause() != null;
        depth++) {
      bottom = bottom.getCause();
    }
    return new Loading.Failed(
        line(failure) + (bottom == null ? "" : ", caused by " + line(bottom)));
  }

  private static String line(Throwable failure) {
    String line = failure.toString().lines().findFirst().orElse("");
    return line.length() <= MAX_REASON_CHARS ? line : line.substring(0, MAX_REASON_CHARS);
  }
}
