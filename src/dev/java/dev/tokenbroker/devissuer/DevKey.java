package dev.tokenbroker.devissuer;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.JWKGenerator;
import java.nio.charset.StandardCharsets;

/**
 * A P-256 key that lives as long as the process.
 *
 * @param pair both halves
 */
record DevKey(ECKey pair) {

  /** A key under its RFC 7638 thumbprint. */
  static DevKey generate() {
    return generate(generator().keyIDFromThumbprint(true));
  }

  /** A key under that name. */
  static DevKey generate(String kid) {
    return generate(generator().keyID(kid));
  }

  private static JWKGenerator<ECKey> generator() {
    return new ECKeyGenerator(Curve.P_256).keyUse(KeyUse.SIGNATURE).algorithm(JWSAlgorithm.ES256);
  }

  private static DevKey generate(JWKGenerator<ECKey> generator) {
    try {
      return new DevKey(generator.generate());
    } catch (JOSEException e) {
      throw new IllegalStateException("This Java cannot make P-256 keys", e);
    }
  }

  /** Its name in headers and key sets. */
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
