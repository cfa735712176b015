package dev.tokenbroker.jose;

import java.math.BigInteger;
import java.security.PublicKey;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Verifies signatures by one key under one algorithm, by whichever provider is asked for.
 *
 * <p>What a signature must look like is judged here, before any provider sees it, so that none of
 * them can be more lenient about it than another: its exact length, and for ECDSA that R and S lie
 * between 1 and the order of the curve (RFC 7518 section 3.4, FIPS 186-5 section 6.4.2; zeros were
 * accepted from anybody by JDKs with CVE-2022-21449). In what is signed one leniency stays, by
 * which only the holder of the key could make another signature: by PKCS #1 v1.5 the JDK takes a
 * digest whose algorithm lacks its NULL, which RFC 8017 appendix B.1 demands; AWS-LC does not.
 *
 * <p>Safe for use by several threads: the key in the form of the provider is worked out at its
 * first use and kept, and it does no harm if two threads do so at once.
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

  /** The key as one provider has it; in production there is but one. */
  private record Ready(SignatureProvider provider, SignatureVerifier verifier) {}

  /** RSA and Edwards curves, whose signatures have a length and no other outward form. */
  static SignatureCheck of(SignatureMethod method, PublicKey key, int signatureBytes) {
    return new SignatureCheck(method, key, signatureBytes, null);
  }

  /** ECDSA with numbers of that length on a curve of that order. */
  static SignatureCheck ecdsa(
      SignatureMethod method, PublicKey key, int numberBytes, BigInteger order) {
    return new SignatureCheck(method, key, 2 * numberBytes, padded(order, numberBytes));
  }

  /** Whether it is the key's signature; whatever cannot be verified is none. */
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
        && !isZero(signature, from, to);
  }

  private static boolean isZero(byte[] bytes, int from, int to) {
    for (int at = from; at < to; at++) {
      if (bytes[at] != 0) {
        return false;
      }
    }
    return true;
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
    byte[] exact = number.toByteArray(); // with a zero in front where the highest bit is set
    byte[] padded = new byte[bytes];
    int length = Math.min(exact.length, bytes);
    System.arraycopy(exact, exact.length - length, padded, bytes - length, length);
    return padded;
  }
}
