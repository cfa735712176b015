package dev.tokenbroker.issue.signing;

import com.nimbusds.jose.jwk.Curve;
import dev.tokenbroker.base.jose.SignatureProvider;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.EdECPrivateKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.Arrays;
import javax.crypto.KeyAgreement;

/**
 * Computes the public key that belongs to a private one. PKCS #8 need not hold it (RFC 5915 section
 * 3, RFC 8410 section 7), and Java has no direct way to compute it.
 *
 * <p>The result must still be checked against the private key: {@link SigningKey#of} does so.
 */
final class PublicHalf {

  private PublicHalf() {}

  static PublicKey of(PrivateKey key) throws SigningKey.UnfitKeyException {
    try {
      return switch (key) {
        case RSAPrivateCrtKey rsa ->
            KeyFactory.getInstance("RSA")
                .generatePublic(new RSAPublicKeySpec(rsa.getModulus(), rsa.getPublicExponent()));
        case ECPrivateKey ec -> ofEc(ec);
        case EdECPrivateKey ed -> ofEd25519(ed);
        default ->
            throw new SigningKey.UnfitKeyException(
                "a key that is neither EC (P-256) nor Ed25519 nor RSA");
      };
    } catch (GeneralSecurityException e) {
      throw new SigningKey.UnfitKeyException(
          "a private key whose public half cannot be worked out");
    }
  }

  /**
   * Key agreement multiplies the peer's point by our secret and gives x of the product, in constant
   * time. With the base point as peer that is x of our public key; y is one of the two roots.
   */
  private static PublicKey ofEc(ECPrivateKey key)
      throws GeneralSecurityException, SigningKey.UnfitKeyException {
    ECParameterSpec curve = key.getParams();
    if (!Curve.P_256.equals(Curve.forECParameterSpec(curve))) {
      throw new SigningKey.UnfitKeyException(
          "an EC key on another curve than P-256, which ES256 needs");
    }
    KeyFactory keys = KeyFactory.getInstance("EC");
    KeyAgreement agreement = KeyAgreement.getInstance("ECDH");
    agreement.init(key);
    agreement.doPhase(
        keys.generatePublic(new ECPublicKeySpec(curve.getGenerator(), curve)), /* last= */ true);
    BigInteger x = new BigInteger(1, agreement.generateSecret());
    BigInteger p = ((ECFieldFp) curve.getCurve().getField()).getP();
    BigInteger y = root(curve, x, p);
    PublicKey one = keys.generatePublic(new ECPublicKeySpec(new ECPoint(x, y), curve));
    return SignatureScheme.ES256.isPair(
            SignatureScheme.ES256.signer(key, SignatureProvider.jdk()), one)
        ? one
        : keys.generatePublic(new ECPublicKeySpec(new ECPoint(x, p.subtract(y)), curve));
  }

  /** A root of x³ + ax + b modulo p, for the p ≡ 3 (mod 4) that P-256 has. */
  private static BigInteger root(ECParameterSpec curve, BigInteger x, BigInteger p) {
    BigInteger square =
        x.pow(3).add(curve.getCurve().getA().multiply(x)).add(curve.getCurve().getB()).mod(p);
    return square.modPow(p.add(BigInteger.ONE).shiftRight(2), p);
  }

  /** A key pair generator derives the public half from a random seed: this passes our seed. */
  private static PublicKey ofEd25519(EdECPrivateKey key)
      throws GeneralSecurityException, SigningKey.UnfitKeyException {
    if (!NamedParameterSpec.ED25519.getName().equals(key.getParams().getName())) {
      throw new SigningKey.UnfitKeyException("an Edwards key on another curve than Ed25519");
    }
    byte[] seed =
        key.getBytes()
            .orElseThrow(() -> new SigningKey.UnfitKeyException("an Ed25519 key without bytes"));
    KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
    generator.initialize(NamedParameterSpec.ED25519, new GivenHalf(seed));
    PublicKey publicKey = generator.generateKeyPair().getPublic();
    Arrays.fill(seed, (byte) 0);
    return publicKey;
  }

  /** A random source that returns the given seed. */
  private static final class GivenHalf extends SecureRandom {

    private final transient byte[] seed;

    GivenHalf(byte[] seed) {
      this.seed = seed;
    }

    @Override
    public void nextBytes(byte[] bytes) {
      System.arraycopy(seed, 0, bytes, 0, Math.min(seed.length, bytes.length));
    }
  }
}
