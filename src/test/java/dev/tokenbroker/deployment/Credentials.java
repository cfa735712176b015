package dev.tokenbroker.deployment;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.UUID;

/**
 * Credentials of an issuer that exists in a folder only: its key, and a federation that trusts it.
 */
final class Credentials {

  static final String TARGET = "payments-api";

  /** The audience of tokens for operators. */
  static final String OPERATORS_TARGET = "token-broker";

  private static final String OPERATOR = "operator";

  private static final String ISSUER = "https://issuer.example";
  private static final String AUDIENCE = "https://broker.example";
  private static final String KEY = "issuer.jwk";
  private static final Duration LIFE = Duration.ofMinutes(10);

  private final ECKey key;
  private final JWSSigner signer;

  private Credentials(ECKey key) throws JOSEException {
    this.key = key;
    this.signer = new ECDSASigner(key);
  }

  /** Makes the key and gives the federation document. */
  static String make(Path folder) throws IOException, JOSEException {
    ECKey key = new ECKeyGenerator(Curve.P_256).keyIDFromThumbprint(true).generate();
    Files.writeString(folder.resolve(KEY), key.toJSONString());
    return """
    issuers:
      - name: trial
        issuer: %s
        audiences: [%s]
        jwks: {keys: [%s]}
    targets:
      - audience: %s
        mint: {lifetime: 5m}
    rules:
      - name: all
        issuer: trial
        when: claims.sub.startsWith("job-")
        audience: %s
        scopes: [read]
      - name: operate
        issuer: trial
        when: claims.sub == "%s"
        audience: %s
        scopes: [operate]
    """
        .formatted(
            ISSUER,
            AUDIENCE,
            key.toPublicJWK().toJSONString(),
            TARGET,
            TARGET,
            OPERATOR,
            OPERATORS_TARGET);
  }

  static Credentials of(Path folder) throws IOException, ParseException, JOSEException {
    return new Credentials(ECKey.parse(Files.readString(folder.resolve(KEY))));
  }

  /** Like no other, so that no cache answers. */
  String next() throws JOSEException {
    return credential("job-" + UUID.randomUUID());
  }

  /** That of an operator. */
  String operator() throws JOSEException {
    return credential(OPERATOR);
  }

  private String credential(String subject) throws JOSEException {
    Instant now = Instant.now();
    JWTClaimsSet claims =
        new JWTClaimsSet.Builder()
            .issuer(ISSUER)
            .audience(AUDIENCE)
            .subject(subject)
            .issueTime(Date.from(now))
            .expirationTime(Date.from(now.plus(LIFE)))
            .build();
    SignedJWT credential =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(key.getKeyID()).build(), claims);
    credential.sign(signer);
    return credential.serialize();
  }
}
