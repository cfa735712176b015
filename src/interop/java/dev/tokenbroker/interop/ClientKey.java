package dev.tokenbroker.interop;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import dev.tokenbroker.issue.signing.TestKeyFiles;

/** The key pair of a registered client, for ES256. */
record ClientKey(ECKey jwk) {

  /** The name of the client. */
  static final String CLIENT = "m2m";

  static ClientKey generate() {
    try {
      return new ClientKey(
          new ECKeyGenerator(Curve.P_256)
              .keyID("own")
              .keyUse(KeyUse.SIGNATURE)
              .algorithm(JWSAlgorithm.ES256)
              .generate());
    } catch (JOSEException broken) {
      throw new IllegalStateException(broken);
    }
  }

  /** The private key, PEM. */
  String pem() {
    try {
      return TestKeyFiles.pem(jwk.toECPrivateKey());
    } catch (JOSEException broken) {
      throw new IllegalStateException(broken);
    }
  }

  /** The document with the client, which may have tokens for that target by its key alone. */
  String registeredIn(String document, String audience) {
    String entry =
        "{name: %s, jwks: {\"keys\": [%s]}, may: [exchange]}"
            .formatted(CLIENT, jwk.toPublicJWK().toJSONString());
    String rule =
        "{name: own-key, client: %s, audience: '%s', when: 'true', scopes: [read]}"
            .formatted(CLIENT, audience);
    return InteropFederation.with(
        InteropFederation.with(document, "clients", entry), "rules", rule);
  }
}
