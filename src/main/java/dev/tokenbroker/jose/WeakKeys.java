package dev.tokenbroker.jose;

import java.math.BigInteger;
import java.util.BitSet;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Recognises public keys whose private half anybody can find or does not need.
 *
 * <p>Edwards points of small order: by such a key a signature holds for almost any message (RFC
 * 8032 section 5.1.7 does not refuse them). RSA moduli of ROCA: a library of Infineon made primes
 * of the form {@code k * M + (65537^a mod M)}, which can be factored (CVE-2017-15361; Nemec et al.,
 * "The Return of Coppersmith's Attack", 2017, section 3: the fingerprint).
 */
final class WeakKeys {

  private static final BigInteger FIELD_25519 =
      BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));
  private static final BigInteger FIELD_448 =
      BigInteger.TWO.pow(448).subtract(BigInteger.TWO.pow(224)).subtract(BigInteger.ONE);

  /** The y coordinate of a point of order 8; that of the other two is its negative. */
  private static final BigInteger ORDER_8 =
      new BigInteger("05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826", 16);

  private static final Set<BigInteger> SMALL_ORDER_25519 =
      Set.of(
          BigInteger.ZERO,
          BigInteger.ONE,
          FIELD_25519.subtract(BigInteger.ONE),
          ORDER_8,
          FIELD_25519.subtract(ORDER_8));

  private static final Set<BigInteger> SMALL_ORDER_448 =
      Set.of(BigInteger.ZERO, BigInteger.ONE, FIELD_448.subtract(BigInteger.ONE));

  private static final int GENERATOR = 65537;
  private static final int LARGEST_PRIME = 167;

  private WeakKeys() {}

  /**
   * Whether a point of Ed25519 with that y coordinate, which may exceed the field, is of small
   * order.
   */
  static boolean isSmallOrderOf25519(BigInteger y) {
    return SMALL_ORDER_25519.contains(y.mod(FIELD_25519));
  }

  /** As {@link #isSmallOrderOf25519}, for Ed448. */
  static boolean isSmallOrderOf448(BigInteger y) {
    return SMALL_ORDER_448.contains(y.mod(FIELD_448));
  }

  /**
   * Whether a modulus is, for each small prime, a power of 65537: by chance one in 2^27 or fewer.
   */
  static boolean isRoca(BigInteger modulus) {
    return IntStream.rangeClosed(3, LARGEST_PRIME)
        .filter(number -> BigInteger.valueOf(number).isProbablePrime(20))
        .allMatch(prime -> powers(prime).get(modulus.mod(BigInteger.valueOf(prime)).intValue()));
  }

  /** The powers of 65537 modulo that prime. */
  private static BitSet powers(int prime) {
    BitSet powers = new BitSet(prime);
    for (int power = 1; !powers.get(power); power = power * GENERATOR % prime) {
      powers.set(power);
    }
    return powers;
  }
}
