package dev.tokenbroker.base.jose;

import com.nimbusds.jose.crypto.utils.ECChecks;
import com.nimbusds.jose.jwk.Curve;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.Base64;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads one JWK into a {@link VerificationKey}, or says why it is unusable. The cause names members
 * and sizes, never a value beyond the short names of a type, a use or a curve.
 *
 * <p>The key type decides which algorithms are possible, never the credential. An RSA key allows
 * the six RSA algorithms. An EC key allows only the algorithm of its curve (RFC 7518 section 3.4).
 * An Edwards key allows its algorithm by both names (RFC 8037 section 3.1, RFC 9864). {@code alg},
 * {@code use} and {@code key_ops} only narrow this set. A key with members of a private key is
 * unusable: anyone who reads the key set can sign with it.
 */
final class JwkReader {

  static final int MIN_RSA_BITS = 2048;
  static final int MAX_RSA_BITS = 16384;

  /** A larger exponent only makes verification slow. */
  private static final int MAX_RSA_EXPONENT_BITS = 64;

  /** The values of {@code use} for verification: RFC 7517 section 4.2, SPIFFE JWT-SVID. */
  private static final Set<String> VERIFYING_USES = Set.of("sig", "jwt-svid");

  private static final Set<SigningAlgorithm> RSA_ALGORITHMS =
      EnumSet.range(SigningAlgorithm.RS256, SigningAlgorithm.PS512);

  /** Members that only private and symmetric keys have (RFC 7518 sections 6.2.2, 6.3.2, 6.4.1). */
  static final List<String> PRIVATE = List.of("d", "p", "q", "dp", "dq", "qi", "oth", "k");

  private static final int MAX_SHOWN_CHARS = 32;

  private final Map<String, Object> jwk;

  private JwkReader(Map<String, Object> jwk) {
    this.jwk = jwk;
  }

  static JwkFinding read(Map<String, Object> jwk) {
    try {
      return new JwkFinding.UsableKey(new JwkReader(jwk).key());
    } catch (UnusableException unusable) {
      return new JwkFinding.UnusableKey(unusable.cause);
    } catch (GeneralSecurityException notInTheGroup) {
      return new JwkFinding.UnusableKey("its numbers make no key of its type");
    }
  }

  /** Ends the reading of a key; never leaves this class. */
  private static final class UnusableException extends Exception {
    private final String cause;

    UnusableException(String cause) {
      super(null, null, false, false);
      this.cause = cause;
    }
  }

  private VerificationKey key() throws UnusableException, GeneralSecurityException {
    String kid = optionalText("kid");
    requireForVerifying();
    String type = text("kty");
    Map<SigningAlgorithm, SignatureCheck> checks =
        switch (type) {
          case "RSA" -> rsa();
          case "EC" -> ec();
          case "OKP" -> okp();
          default -> throw new UnusableException("its kty is " + shown(type));
        };
    for (String name : PRIVATE) {
      require(!jwk.containsKey(name), "it has the member " + name + " of a private key");
    }
    String alg = optionalText("alg");
    if (alg != null) {
      narrow(checks, alg);
      require(!checks.isEmpty(), "its alg " + shown(alg) + " is none for keys of kty " + type);
    }
    return new VerificationKey(kid, Thumbprint.of(jwk, type), checks);
  }

  /** Keeps both names of an Edwards algorithm, which have the same check. */
  private static void narrow(Map<SigningAlgorithm, SignatureCheck> checks, String alg) {
    SignatureCheck meant = SigningAlgorithm.named(alg).map(checks::get).orElse(null);
    checks.values().removeIf(check -> check != meant);
  }

  private void requireForVerifying() throws UnusableException {
    String use = optionalText("use");
    require(use == null || VERIFYING_USES.contains(use), "its use is " + shown(use));
    Object operations = jwk.get("key_ops");
    require(
        operations == null || (operations instanceof List<?> list && list.contains("verify")),
        "its key_ops lacks verify");
  }

  private Map<SigningAlgorithm, SignatureCheck> rsa()
      throws UnusableException, GeneralSecurityException {
    BigInteger modulus = new BigInteger(1, bytes("n"));
    BigInteger exponent = new BigInteger(1, bytes("e"));
    require(
        modulus.bitLength() >= MIN_RSA_BITS && modulus.bitLength() <= MAX_RSA_BITS,
        "RSA of %d bits, where %d to %d are allowed"
            .formatted(modulus.bitLength(), MIN_RSA_BITS, MAX_RSA_BITS));
    require(
        exponent.bitLength() >= 2 && exponent.bitLength() <= MAX_RSA_EXPONENT_BITS,
        "an RSA exponent of " + exponent.bitLength() + " bits");
    require(modulus.testBit(0) && exponent.testBit(0), "an even RSA modulus or exponent");
    require(!WeakKeys.isRoca(modulus), "RSA with the ROCA fingerprint (CVE-2017-15361)");
    PublicKey key =
        KeyFactory.getInstance("RSA").generatePublic(new RSAPublicKeySpec(modulus, exponent));
    int signatureBytes = (modulus.bitLength() + 7) / 8; // RFC 8017 sections 8.1.2 and 8.2.2
    Map<SigningAlgorithm, SignatureCheck> checks = new EnumMap<>(SigningAlgorithm.class);
    RSA_ALGORITHMS.forEach(
        algorithm ->
            checks.put(
                algorithm, SignatureCheck.of(SignatureMethod.of(algorithm), key, signatureBytes)));
    return checks;
  }

  private Map<SigningAlgorithm, SignatureCheck> ec()
      throws UnusableException, GeneralSecurityException {
    String curve = text("crv");
    return switch (curve) {
      case "P-256" -> ec(Curve.P_256, 32, SigningAlgorithm.ES256);
      case "P-384" -> ec(Curve.P_384, 48, SigningAlgorithm.ES384);
      case "P-521" -> ec(Curve.P_521, 66, SigningAlgorithm.ES512);
      default -> throw new UnusableException("its crv is " + shown(curve));
    };
  }

  private Map<SigningAlgorithm, SignatureCheck> ec(
      Curve curve, int coordinateBytes, SigningAlgorithm algorithm)
      throws UnusableException, GeneralSecurityException {
    byte[] x = bytes("x");
    byte[] y = bytes("y");
    // RFC 7518 section 6.2.1.2: a coordinate has full length, with leading zeros.
    require(
        x.length == coordinateBytes && y.length == coordinateBytes,
        "coordinates of %d and %d bytes, where %s has %d (padding is part of them)"
            .formatted(x.length, y.length, curve.getName(), coordinateBytes));
    ECPoint point = new ECPoint(new BigInteger(1, x), new BigInteger(1, y));
    ECParameterSpec parameters = curve.toECParameterSpec();
    // A point off the curve allows the invalid-curve attack. The JDK does not check this.
    require(
        ECChecks.isPointOnCurve(point.getAffineX(), point.getAffineY(), parameters),
        "its point is not on the curve " + curve.getName());
    PublicKey key =
        KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(point, parameters));
    Map<SigningAlgorithm, SignatureCheck> checks = new EnumMap<>(SigningAlgorithm.class);
    checks.put(
        algorithm,
        SignatureCheck.ecdsa(
            SignatureMethod.of(algorithm), key, coordinateBytes, parameters.getOrder()));
    return checks;
  }

  private Map<SigningAlgorithm, SignatureCheck> okp()
      throws UnusableException, GeneralSecurityException {
    String curve = text("crv");
    return switch (curve) {
      case "Ed25519" -> ed(NamedParameterSpec.ED25519, 32, SigningAlgorithm.ED25519);
      case "Ed448" -> ed(NamedParameterSpec.ED448, 57, SigningAlgorithm.ED448);
      default -> throw new UnusableException("its crv is " + shown(curve));
    };
  }

  private Map<SigningAlgorithm, SignatureCheck> ed(
      NamedParameterSpec curve, int keyBytes, SigningAlgorithm algorithm)
      throws UnusableException, GeneralSecurityException {
    byte[] x = bytes("x");
    require(
        x.length == keyBytes,
        "x of %d bytes, where %s has %d".formatted(x.length, curve.getName(), keyBytes));
    // RFC 8032 section 5.1.2: y in little endian; the last bit is the lowest bit of x.
    boolean xOdd = (x[keyBytes - 1] & 0x80) != 0;
    byte[] y = new byte[keyBytes];
    for (int at = 0; at < keyBytes; at++) {
      y[at] = x[keyBytes - 1 - at];
    }
    y[0] &= 0x7f;
    EdECPoint point = new EdECPoint(xOdd, new BigInteger(1, y));
    require(
        algorithm == SigningAlgorithm.ED25519
            ? !WeakKeys.isSmallOrderOf25519(point.getY())
            : !WeakKeys.isSmallOrderOf448(point.getY()),
        "a point of small order on " + curve.getName());
    PublicKey key =
        KeyFactory.getInstance("EdDSA").generatePublic(new EdECPublicKeySpec(curve, point));
    // The JDK decodes the point only here, and refuses one that is not on the curve.
    Signature.getInstance("EdDSA").initVerify(key);
    SignatureCheck check =
        SignatureCheck.of(SignatureMethod.named(curve.getName()), key, 2 * keyBytes);
    Map<SigningAlgorithm, SignatureCheck> checks = new EnumMap<>(SigningAlgorithm.class);
    checks.put(SigningAlgorithm.EDDSA, check);
    checks.put(algorithm, check);
    return checks;
  }

  private byte[] bytes(String member) throws UnusableException {
    String text = text(member);
    require(text.indexOf('=') < 0, "its " + member + " has padding, which base64url is without");
    try {
      return Base64.getUrlDecoder().decode(text);
    } catch (IllegalArgumentException notBase64Url) {
      throw new UnusableException("its " + member + " is not base64url");
    }
  }

  private String text(String member) throws UnusableException {
    String text = optionalText(member);
    if (text == null) {
      throw new UnusableException(
          "it has no " + member + (jwk.containsKey("x5c") ? ", and x5c is not read" : ""));
    }
    return text;
  }

  private @Nullable String optionalText(String member) throws UnusableException {
    Object value = jwk.get(member);
    require(value == null || value instanceof String, "its " + member + " is no string");
    return (String) value;
  }

  /** A name is short; anything longer may be something else, which nobody should see. */
  private static String shown(@Nullable String name) {
    return name != null && name.length() <= MAX_SHOWN_CHARS
        ? name
        : "a text of more than " + MAX_SHOWN_CHARS + " characters";
  }

  private static void require(boolean usable, String otherwise) throws UnusableException {
    if (!usable) {
      throw new UnusableException(otherwise);
    }
  }

  /**
   * Detects public keys for which an attacker can compute the private key, or needs none.
   *
   * <p>Edwards points of small order: anybody can make a signature that such a key verifies for
   * almost any message. RFC 8032 section 5.1.7 does not refuse these points.
   *
   * <p>RSA moduli with the ROCA fingerprint: a library of Infineon made primes of the form {@code k
   * * M + (65537^a mod M)}. An attacker can factor such moduli (CVE-2017-15361; Nemec et al., "The
   * Return of Coppersmith's Attack", 2017, section 3).
   */
  static final class WeakKeys {

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
}
