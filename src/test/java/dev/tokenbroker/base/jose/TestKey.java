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
import dev.tokenbroker.process.runtime.Unchecked;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Provider;
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
import org.jspecify.annotations.Nullable;

/** A signing key for tests, and the public JWK of it. */
public final class TestKey {

  private final String kid;
  private final SigningAlgorithm algorithm;
  private final KeyPair pair;
  private final @Nullable Provider provider;

  private TestKey(
      String kid, SigningAlgorithm algorithm, KeyPair pair, @Nullable Provider provider) {
    this.kid = kid;
    this.algorithm = algorithm;
    this.pair = pair;
    this.provider = provider;
  }

  public static TestKey generate(String kid, SigningAlgorithm algorithm) {
    return Unchecked.get(
        () -> new TestKey(kid, algorithm, generator(algorithm).generateKeyPair(), null));
  }

  /** A key for ES256 that signs thousands of times a second, by AWS-LC where it loads. */
  public static TestKey fast(String kid) {
    if (!(AwsLc.load() instanceof AwsLc.Loading.LoadedLibrary awsLc)) {
      return generate(kid, SigningAlgorithm.ES256);
    }
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", awsLc.provider());
      generator.initialize(Curve.P_256.toECParameterSpec());
      return new TestKey(
          kid, SigningAlgorithm.ES256, generator.generateKeyPair(), awsLc.provider());
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
    if (!(pair.getPrivate() instanceof ECPrivateKey key)) {
      return new RSASSASigner(pair.getPrivate());
    }
    ECDSASigner signer = new ECDSASigner(key);
    if (provider != null) {
      signer.getJCAContext().setProvider(provider);
    }
    return signer;
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
      case RS256, RS384, RS512, PS256, PS384, PS512 -> rsaGenerator(2048);
      case ES256 -> ec(Curve.P_256);
      case ES384 -> ec(Curve.P_384);
      case ES512 -> ec(Curve.P_521);
      case EDDSA, ED25519 -> KeyPairGenerator.getInstance("Ed25519");
      case ED448 -> KeyPairGenerator.getInstance("Ed448");
    };
  }

  /** A new pair, by AWS-LC where it loads and makes such: the JDK may take a second. */
  public static KeyPair rsa(int bits) {
    return Unchecked.get(() -> rsaGenerator(bits).generateKeyPair());
  }

  private static KeyPairGenerator rsaGenerator(int bits) throws GeneralSecurityException {
    KeyPairGenerator generator =
        bits >= 2048 && AwsLc.load() instanceof AwsLc.Loading.LoadedLibrary awsLc
            ? KeyPairGenerator.getInstance("RSA", awsLc.provider())
            : KeyPairGenerator.getInstance("RSA");
    generator.initialize(bits);
    return generator;
  }

  private static KeyPairGenerator ec(Curve curve) throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(curve.toECParameterSpec());
    return generator;
  }
}
