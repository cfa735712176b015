package dev.tokenbroker.base.jose;

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
 * Loads AWS-LC through the Amazon Corretto Crypto Provider. This native code makes and checks
 * signatures several times faster than the JDK.
 *
 * <p>On a JVM, the provider unpacks its library to a directory; a native executable has it in its
 * own directory. Loading fails on another C library or processor, without a writable directory that
 * allows execution, or where the file is missing. Such a failure is a result here, not an error.
 * The provider must also pass its own self-tests and ours, since one that accepts bad signatures is
 * worse than none.
 */
final class AwsLc {

  /** The system property that GraalVM sets in a native executable. */
  private static final String IMAGE = "org.graalvm.nativeimage.imagecode";

  private static final String LIBRARY_BESIDE = "com.amazon.corretto.crypto.provider.useExternalLib";
  private static final int MAX_REASON_CHARS = 200;
  private static final int MAX_CAUSES = 8;

  private AwsLc() {}

  /** The result of loading. */
  sealed interface Loading {

    /** The library is loaded and has passed the tests. */
    record LoadedLibrary(Provider provider, String version) implements Loading {}

    /** This process cannot use the library; the reason is one line. */
    record LoadFailed(String why) implements Loading {}
  }

  /**
   * Loads the library at the first use, so the setting {@code jdk} keeps native code out of the
   * process. The state is static because a process loads a library once.
   */
  private static final class Once {
    private static final Loading RESULT = attempt();
  }

  /** Loads once: the first call takes up to a second, later calls return the same result. */
  static Loading load() {
    return Once.RESULT;
  }

  private static Loading attempt() {
    if (System.getProperty(IMAGE) != null && System.getProperty(LIBRARY_BESIDE) == null) {
      // The executable does not contain the library, which lies in the same directory.
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
        return new Loading.LoadFailed("its self-tests report " + tests);
      }
      provider.assertHealthy();
      if (!tellsSignaturesApart(provider)) {
        return new Loading.LoadFailed("it accepts bad signatures or refuses good ones");
      }
      return new Loading.LoadedLibrary(
          provider, provider.getVersionStr() + ", " + provider.getAwsLcVersionStr());
    } catch (GeneralSecurityException | RuntimeException | LinkageError e) {
      return failed(e);
    }
  }

  /**
   * Whether the provider accepts a good signature and refuses a bad one. Its self-tests cover only
   * digests, MACs and random numbers.
   */
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

  /** Reports the failure and its root cause; the causes in between only wrap it. */
  private static Loading failed(Throwable failure) {
    Throwable bottom = failure.getCause();
    for (int depth = 1;
        depth < MAX_CAUSES && bottom != null && bottom.getCause() != null;
        depth++) {
      bottom = bottom.getCause();
    }
    return new Loading.LoadFailed(
        line(failure) + (bottom == null ? "" : ", caused by " + line(bottom)));
  }

  private static String line(Throwable failure) {
    String line = failure.toString().lines().findFirst().orElse("");
    return line.length() <= MAX_REASON_CHARS ? line : line.substring(0, MAX_REASON_CHARS);
  }
}
