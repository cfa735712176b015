package dev.tokenbroker.issue.signing;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.jose.Signer;
import dev.tokenbroker.base.jose.SigningAlgorithm;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The three ways to sign a token, each with its one kind of key (RFC 7518 sections 3.3 and 3.4, RFC
 * 8037 section 3.1). The type of a key decides, so that no key can be used with two algorithms.
 */
enum SignatureScheme {
  /** ECDSA on P-256; the signature is R and S side by side, not DER. */
  ES256(SigningAlgorithm.ES256, "EC", "SHA256withECDSAinP1363Format"),
  EDDSA(SigningAlgorithm.EDDSA, "Ed25519", "Ed25519"),
  RS256(SigningAlgorithm.RS256, "RSA", "SHA256withRSA");

  private static final int MIN_RSA_BITS = 2048;
  private static final int ED25519_KEY_BYTES = 32;

  private final SigningAlgorithm algorithm;
  private final String keyType;
  private final String signature;

  SignatureScheme(SigningAlgorithm algorithm, String keyType, String signature) {
    this.algorithm = algorithm;
    this.keyType = keyType;
    this.signature = signature;
  }

  /**
   * The scheme of an algorithm that tokens can be minted with.
   *
   * @throws IllegalArgumentException for any other algorithm
   */
  static SignatureScheme of(SigningAlgorithm algorithm) {
    return Arrays.stream(values())
        .filter(scheme -> scheme.algorithm == algorithm)
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("no token is minted with " + algorithm.jwaName()));
  }

  /** The scheme that a key of this type and size can be used with. */
  static SignatureScheme of(PublicKey key) throws SigningKey.UnfitKeyException {
    return switch (key) {
      case RSAPublicKey rsa -> {
        int bits = rsa.getModulus().bitLength();
        if (bits < MIN_RSA_BITS) {
          throw new SigningKey.UnfitKeyException(
              "an RSA key of " + bits + " bits, where RS256 needs 2048");
        }
        yield RS256;
      }
      case ECPublicKey ec -> {
        if (!Curve.P_256.equals(Curve.forECParameterSpec(ec.getParams()))) {
          throw new SigningKey.UnfitKeyException(
              "an EC key on another curve than P-256, which ES256 needs");
        }
        yield ES256;
      }
      case EdECPublicKey ed -> {
        if (!NamedParameterSpec.ED25519.getName().equals(ed.getParams().getName())) {
          throw new SigningKey.UnfitKeyException("an Edwards key on another curve than Ed25519");
        }
        yield EDDSA;
      }
      default ->
          throw new SigningKey.UnfitKeyException(
              "a key that is neither EC (P-256) nor Ed25519 nor RSA");
    };
  }

  SigningAlgorithm algorithm() {
    return algorithm;
  }

  KeyPair generate() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(keyType);
      generator.initialize(parameters());
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("This Java runtime cannot make keys for " + this, e);
    }
  }

  private AlgorithmParameterSpec parameters() {
    return switch (this) {
      case ES256 -> new ECGenParameterSpec("secp256r1");
      case EDDSA -> NamedParameterSpec.ED25519;
      case RS256 -> new RSAKeyGenParameterSpec(MIN_RSA_BITS, RSAKeyGenParameterSpec.F4);
    };
  }

  /** A signer with this key and that provider. */
  Signer signer(PrivateKey key, SignatureProvider provider) {
    return provider.signer(signature, key);
  }

  /**
   * Whether the two halves belong together, tested by a signature. The JDK verifies it: what
   * another provider makes of a key is checked before any token is signed.
   */
  boolean isPair(Signer signer, PublicKey publicKey) {
    byte[] probe = {1, 2, 3, 4};
    try {
      Signature verifier = Signature.getInstance(signature);
      verifier.initVerify(publicKey);
      verifier.update(probe);
      return verifier.verify(signer.sign(probe));
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  /** The public key as a JWK with only the members that define it. */
  static JWK jwk(PublicKey key) {
    return switch (key) {
      case RSAPublicKey rsa -> new RSAKey.Builder(rsa).build();
      case ECPublicKey ec -> new ECKey.Builder(Curve.P_256, ec).build();
      case EdECPublicKey ed -> new OctetKeyPair.Builder(Curve.Ed25519, x(ed)).build();
      default -> throw new IllegalArgumentException("not the public key of a signature scheme");
    };
  }

  /** The RFC 7638 thumbprint: SHA-256, base64url. */
  static String thumbprint(JWK key) {
    try {
      return key.computeThumbprint().toString();
    } catch (JOSEException e) {
      throw new IllegalStateException("This Java runtime has no SHA-256", e);
    }
  }

  private static Base64URL x(EdECPublicKey key) {
    // The encoding of RFC 8410 ends in the 32 bytes that RFC 8037 calls x.
    byte @Nullable [] encoded = key.getEncoded();
    if (encoded == null) {
      throw new IllegalArgumentException("an Ed25519 public key without encoding");
    }
    return Base64URL.encode(
        Arrays.copyOfRange(encoded, encoded.length - ED25519_KEY_BYTES, encoded.length));
  }
}
