package dev.tokenbroker.base.jose;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Signature;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Verifies signatures with one key and one algorithm, through a given provider.
 *
 * <p>This class checks the form of a signature first, so that no provider can be more lenient than
 * another. A signature must have the exact length for its key. For ECDSA, R and S must be at least
 * 1 and less than the order of the curve (RFC 7518 section 3.4, FIPS 186-5 section 6.4.2). JDKs
 * with CVE-2022-21449 accepted zeros for every message.
 *
 * <p>One difference remains, which only the holder of the private key can use. For PKCS #1 v1.5,
 * RFC 8017 appendix B.1 demands NULL parameters for the digest algorithm. The JDK also accepts a
 * signature without them; AWS-LC does not.
 *
 * <p>Safe for use by several threads. The first verification converts the key to the form of the
 * provider. Two threads may do so at once, without harm.
 */
final class SignatureCheck {

  private final SignatureMethod method;
  private final PublicKey key;
  private final int signatureBytes;
  private final byte @Nullable [] order;
  private volatile @Nullable Ready ready;

  private SignatureCheck(
      SignatureMethod method, PublicKey key, int signatureBytes, byte @Nullable [] order) {
    this.method = method;
    this.key = key;
    this.signatureBytes = signatureBytes;
    this.order = order;
  }

  /** The key in the form of one provider; production uses one provider only. */
  private record Ready(SignatureProvider provider, SignatureVerifier verifier) {}

  /** The check for RSA and Edwards curves, whose signatures have no form but their length. */
  static SignatureCheck of(SignatureMethod method, PublicKey key, int signatureBytes) {
    return new SignatureCheck(method, key, signatureBytes, null);
  }

  /**
   * The check for ECDSA.
   *
   * @param numberBytes the length of R and of S
   * @param order the order of the curve's base point
   */
  static SignatureCheck ecdsa(
      SignatureMethod method, PublicKey key, int numberBytes, BigInteger order) {
    return new SignatureCheck(method, key, 2 * numberBytes, padded(order, numberBytes));
  }

  /** Whether the key made the signature; false if the signature cannot be verified. */
  boolean verify(SignatureProvider provider, byte[] signingInput, byte[] signature) {
    return signature.length == signatureBytes
        && isWithinOrder(signature)
        && at(provider).verify(signingInput, signature);
  }

  private boolean isWithinOrder(byte[] signature) {
    return order == null
        || (isScalar(signature, 0, order) && isScalar(signature, order.length, order));
  }

  private static boolean isScalar(byte[] signature, int from, byte[] order) {
    int to = from + order.length;
    return Arrays.compareUnsigned(signature, from, to, order, 0, order.length) < 0
        && !Arrays.equals(signature, from, to, new byte[order.length], 0, order.length);
  }

  private SignatureVerifier at(SignatureProvider provider) {
    Ready last = ready;
    if (last != null && last.provider() == provider) {
      return last.verifier();
    }
    SignatureVerifier verifier = provider.verifier(method, key);
    ready = new Ready(provider, verifier);
    return verifier;
  }

  private static byte[] padded(BigInteger number, int bytes) {
    byte[] exact = number.toByteArray(); // starts with a zero byte if the highest bit is set
    byte[] padded = new byte[bytes];
    int length = Math.min(exact.length, bytes);
    System.arraycopy(exact, exact.length - length, padded, bytes - length, length);
    return padded;
  }

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
}
