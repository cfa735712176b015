package dev.tokenbroker.jose;

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
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads one JWK into a {@link VerificationKey}, or finds it unusable.
 *
 * <p>The key type decides which algorithms are possible, never the credential. An RSA key allows
 * the six RSA algorithms. An EC key allows only the algorithm of its curve (RFC 7518 section 3.4).
 * An Edwards key allows its algorithm by both names (RFC 8037 section 3.1, RFC 9864). {@code alg},
 * {@code use} and {@code key_ops} only narrow this set. The reader ignores private members.
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

  private final Map<String, Object> jwk;

  private JwkReader(Map<String, Object> jwk) {
    this.jwk = jwk;
  }

  static Optional<VerificationKey> read(Map<String, Object> jwk) {
    try {
      return new JwkReader(jwk).key();
    } catch (UnusableException | GeneralSecurityException unusable) {
      return Optional.empty();
    }
  }

  /** Ends the reading of a key; never leaves this class. */
  private static final class UnusableException extends Exception {
    UnusableException() {
      super(null, null, false, false);
    }
  }

  private Optional<VerificationKey> key() throws UnusableException, GeneralSecurityException {
    String kid = optionalText("kid");
    if (!isForVerifying()) {
      return Optional.empty();
    }
    Map<SigningAlgorithm, SignatureCheck> checks =
        switch (text("kty")) {
          case "RSA" -> rsa();
          case "EC" -> ec();
          case "OKP" -> okp();
          default -> throw new UnusableException();
        };
    String alg = optionalText("alg");
    if (alg != null) {
      narrow(checks, alg);
    }
    return checks.isEmpty() ? Optional.empty() : Optional.of(new VerificationKey(kid, checks));
  }

  /** Keeps both names of an Edwards algorithm, which have the same check. */
  private static void narrow(Map<SigningAlgorithm, SignatureCheck> checks, String alg) {
    SignatureCheck meant = SigningAlgorithm.named(alg).map(checks::get).orElse(null);
    checks.values().removeIf(check -> check != meant);
  }

  private boolean isForVerifying() throws UnusableException {
    String use = optionalText("use");
    if (use != null && !VERIFYING_USES.contains(use)) {
      return false;
    }
    Object operations = jwk.get("key_ops");
    return operations == null || (operations instanceof List<?> list && list.contains("verify"));
  }

  private Map<SigningAlgorithm, SignatureCheck> rsa()
      throws UnusableException, GeneralSecurityException {
    BigInteger modulus = new BigInteger(1, bytes("n"));
    BigInteger exponent = new BigInteger(1, bytes("e"));
    require(modulus.bitLength() >= MIN_RSA_BITS && modulus.bitLength() <= MAX_RSA_BITS);
    require(exponent.bitLength() >= 2 && exponent.bitLength() <= MAX_RSA_EXPONENT_BITS);
    require(modulus.testBit(0) && exponent.testBit(0));
    require(!WeakKeys.isRoca(modulus));
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
    return switch (text("crv")) {
      case "P-256" -> ec(Curve.P_256, 32, SigningAlgorithm.ES256);
      case "P-384" -> ec(Curve.P_384, 48, SigningAlgorithm.ES384);
      case "P-521" -> ec(Curve.P_521, 66, SigningAlgorithm.ES512);
      default -> throw new UnusableException();
    };
  }

  private Map<SigningAlgorithm, SignatureCheck> ec(
      Curve curve, int coordinateBytes, SigningAlgorithm algorithm)
      throws UnusableException, GeneralSecurityException {
    byte[] x = bytes("x");
    byte[] y = bytes("y");
    // RFC 7518 section 6.2.1.2: a coordinate has full length, with leading zeros.
    require(x.length == coordinateBytes && y.length == coordinateBytes);
    ECPoint point = new ECPoint(new BigInteger(1, x), new BigInteger(1, y));
    ECParameterSpec parameters = curve.toECParameterSpec();
    // A point off the curve allows the invalid-curve attack. The JDK does not check this.
    require(ECChecks.isPointOnCurve(point.getAffineX(), point.getAffineY(), parameters));
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
    return switch (text("crv")) {
      case "Ed25519" -> ed(NamedParameterSpec.ED25519, 32, SigningAlgorithm.ED25519);
      case "Ed448" -> ed(NamedParameterSpec.ED448, 57, SigningAlgorithm.ED448);
      default -> throw new UnusableException();
    };
  }

  private Map<SigningAlgorithm, SignatureCheck> ed(
      NamedParameterSpec curve, int keyBytes, SigningAlgorithm algorithm)
      throws UnusableException, GeneralSecurityException {
    byte[] x = bytes("x");
    require(x.length == keyBytes);
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
            : !WeakKeys.isSmallOrderOf448(point.getY()));
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
    require(text.indexOf('=') < 0);
    try {
      return Base64.getUrlDecoder().decode(text);
    } catch (IllegalArgumentException notBase64Url) {
      throw new UnusableException();
    }
  }

  private String text(String member) throws UnusableException {
    String text = optionalText(member);
    if (text == null) {
      throw new UnusableException();
    }
    return text;
  }

  private @Nullable String optionalText(String member) throws UnusableException {
    Object value = jwk.get(member);
    require(value == null || value instanceof String);
    return (String) value;
  }

  private static void require(boolean usable) throws UnusableException {
    if (!usable) {
      throw new UnusableException();
    }
  }
}
