package dev.tokenbroker.devissuer;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.KeyUse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;

/** A P-256 key that lives as long as the process. */
final class DevKey {

  private final PrivateKey privateKey;
  private final ECKey published;

  private DevKey(PrivateKey privateKey, ECKey published) {
    this.privateKey = privateKey;
    this.published = published;
  }

  static DevKey generate() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      KeyPair pair = generator.generateKeyPair();
      ECKey published =
          new ECKey.Builder(Curve.P_256, (ECPublicKey) pair.getPublic())
              .keyUse(KeyUse.SIGNATURE)
              .algorithm(JWSAlgorithm.ES256)
              .keyIDFromThumbprint()
              .build();
      return new DevKey(pair.getPrivate(), published);
    } catch (GeneralSecurityException | JOSEException e) {
      throw new IllegalStateException("This Java cannot make P-256 keys", e);
    }
  }

  /** The RFC 7638 thumbprint. */
  String kid() {
    return published.getKeyID();
  }

  /** The public half, as a JWK set publishes it. */
  ECKey published() {
    return published;
  }

  /** An ES256 signature over ASCII text: 64 bytes, R and S (RFC 7518 section 3.4). */
  byte[] sign(String input) {
    try {
      Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
      signature.initSign(privateKey);
      signature.update(input.getBytes(StandardCharsets.US_ASCII));
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("This Java cannot sign with P-256 keys", e);
    }
  }
}
