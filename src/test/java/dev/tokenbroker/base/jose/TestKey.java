package dev.tokenbroker.base.jose;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.RSAKey;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPrivateKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;

/** A signing key for tests, and the public JWK of it. */
public final class TestKey {

  private final String kid;
  private final SigningAlgorithm algorithm;
  private final KeyPair pair;

  private TestKey(String kid, SigningAlgorithm algorithm, KeyPair pair) {
    this.kid = kid;
    this.algorithm = algorithm;
    this.pair = pair;
  }

  public static TestKey generate(String kid, SigningAlgorithm algorithm) {
    try {
      return new TestKey(kid, algorithm, generator(algorithm).generateKeyPair());
    } catch (GeneralSecurityException broken) {
      throw new IllegalStateException(broken);
    }
  }

  public String kid() {
    return kid;
  }

  public SigningAlgorithm algorithm() {
    return algorithm;
  }

  /** The public key as a JWK with kid, use and alg. */
  public Map<String, Object> jwk() {
    Map<String, Object> jwk = new TreeMap<>(publicMembers());
    jwk.put("kid", kid);
    jwk.put("use", "sig");
    jwk.put("alg", algorithm.jwaName());
    return jwk;
  }

  /** The signature over those bytes, in the form that a JWS carries. */
  public byte[] sign(byte[] signingInput) {
    try {
      if (pair.getPrivate() instanceof EdECPrivateKey) {
        Signature signature = Signature.getInstance("EdDSA");
        signature.initSign(pair.getPrivate());
        signature.update(signingInput);
        return signature.sign();
      }
      JWSAlgorithm jws = JWSAlgorithm.parse(algorithm.jwaName());
      return signer().sign(new JWSHeader(jws), signingInput).decode();
    } catch (GeneralSecurityException | JOSEException broken) {
      throw new IllegalStateException(broken);
    }
  }

  private JWSSigner signer() throws JOSEException {
    return pair.getPrivate() instanceof ECPrivateKey key
        ? new ECDSASigner(key)
        : new RSASSASigner(pair.getPrivate());
  }

  private Map<String, Object> publicMembers() {
    if (pair.getPublic() instanceof RSAPublicKey key) {
      return new RSAKey.Builder(key).build().toJSONObject();
    }
    if (pair.getPublic() instanceof ECPublicKey key) {
      return new ECKey.Builder(Curve.forECParameterSpec(key.getParams()), key)
          .build()
          .toJSONObject();
    }
    // The last 32 or 57 bytes of the X.509 encoding are the raw key (RFC 8410 section 4).
    byte[] encoded = pair.getPublic().getEncoded();
    String curve = ((EdECPublicKey) pair.getPublic()).getParams().getName();
    int rawBytes = curve.equals("Ed448") ? 57 : 32;
    byte[] raw = Arrays.copyOfRange(encoded, encoded.length - rawBytes, encoded.length);
    return Map.of(
        "kty",
        "OKP",
        "crv",
        curve,
        "x",
        Base64.getUrlEncoder().withoutPadding().encodeToString(raw));
  }

  private static KeyPairGenerator generator(SigningAlgorithm algorithm)
      throws GeneralSecurityException {
    return switch (algorithm) {
      case RS256, RS384, RS512, PS256, PS384, PS512 -> rsa();
      case ES256 -> ec(Curve.P_256);
      case ES384 -> ec(Curve.P_384);
      case ES512 -> ec(Curve.P_521);
      case EDDSA, ED25519 -> KeyPairGenerator.getInstance("Ed25519");
      case ED448 -> KeyPairGenerator.getInstance("Ed448");
    };
  }

  /** By AWS-LC where it loads: the JDK may take a second. */
  private static KeyPairGenerator rsa() throws GeneralSecurityException {
    KeyPairGenerator generator =
        AwsLc.load() instanceof AwsLc.Loading.LoadedLibrary awsLc
            ? KeyPairGenerator.getInstance("RSA", awsLc.provider())
            : KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    return generator;
  }

  private static KeyPairGenerator ec(Curve curve) throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(curve.toECParameterSpec());
    return generator;
  }
}
