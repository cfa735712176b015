package dev.tokenbroker.devissuer;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import java.nio.charset.StandardCharsets;

/**
 * A P-256 key that lives as long as the process.
 *
 * @param pair both halves
 */
record DevKey(ECKey pair) {

  static DevKey generate() {
    try {
      return new DevKey(
          new ECKeyGenerator(Curve.P_256)
              .keyUse(KeyUse.SIGNATURE)
              .algorithm(JWSAlgorithm.ES256)
              .keyIDFromThumbprint(true)
              .generate());
    } catch (JOSEException e) {
      throw new IllegalStateException("This Java cannot make P-256 keys", e);
    }
  }

  /** The RFC 7638 thumbprint. */
  String kid() {
    return pair.getKeyID();
  }

  /** The public half, as a JWK set publishes it. */
  ECKey published() {
    return pair.toPublicJWK();
  }

  /** An ES256 signature over ASCII text: 64 bytes, R and S (RFC 7518 section 3.4). */
  byte[] sign(String input) {
    try {
      return new ECDSASigner(pair)
          .sign(new JWSHeader(JWSAlgorithm.ES256), input.getBytes(StandardCharsets.US_ASCII))
          .decode();
    } catch (JOSEException e) {
      throw new IllegalStateException("This Java cannot sign with P-256 keys", e);
    }
  }

  @Override
  public String toString() {
    return "DevKey[" + kid() + "]";
  }
}
