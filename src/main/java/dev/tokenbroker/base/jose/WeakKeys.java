package dev.tokenbroker.base.jose;

import java.math.BigInteger;
import java.util.BitSet;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Detects public keys for which an attacker can compute the private key, or needs none.
 *
 * <p>Edwards points of small order: anybody can make a signature that such a key verifies for
 * almost any message. RFC 8032 section 5.1.7 does not refuse these points.
 *
 * <p>RSA moduli with the ROCA fingerprint: a library of Infineon made primes of the form {@code k *
 * M + (65537^a mod M)}. An attacker can factor such moduli (CVE-2017-15361; Nemec et al., "The
 * Return of Coppersmith's Attack", 2017, section 3).
 */
final class WeakKeys {

  private static final BigInteger FIELD_25519 =
      BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));
  private static final BigInteger FIELD_448 =
      BigInteger.TWO.pow(448).subtract(BigInteger.TWO.pow(224)).subtract(BigInteger.ONE);

  /** The y coordinate of two of the points of order 8; the other two have its negative. */
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
   * Whether a point of Ed25519 with that y coordinate has small order. The coordinate may exceed
   * the field.
   */
  static boolean isSmallOrderOf25519(BigInteger y) {
    return SMALL_ORDER_25519.contains(y.mod(FIELD_25519));
  }

  /** Whether a point of Ed448 has small order, as {@link #isSmallOrderOf25519}. */
  static boolean isSmallOrderOf448(BigInteger y) {
    return SMALL_ORDER_448.contains(y.mod(FIELD_448));
  }

  /**
   * Whether the modulus has the ROCA fingerprint: it is a power of 65537 modulo each prime from 3
   * to 167. Fewer than one in 2^27 other moduli match by chance.
   */
  static boolean isRoca(BigInteger modulus) {
    return IntStream.rangeClosed(3, LARGEST_PRIME)
        .filter(number -> BigInteger.valueOf(number).isProbablePrime(20))
        .allMatch(prime -> powers(prime).get(modulus.mod(BigInteger.valueOf(prime)).intValue()));
  }

  /** The powers of 65537 modulo the prime. */
  private static BitSet powers(int prime) {
    BitSet powers = new BitSet(prime);
    for (int power = 1; !powers.get(power); power = power * GENERATOR % prime) {
      powers.set(power);
    }
    return powers;
  }
}
