package dev.tokenbroker.bench;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.UUID;

/**
 * One issuer of ES256-signed credentials, about 880 characters each, and the federation of a broker
 * that trusts it.
 *
 * <p>A new key each time; what it signs is good for an hour.
 */
final class LoadIssuer {

  static final String ISSUER = "https://load.example";
  static final String AUDIENCE = "https://broker.example";
  static final String SUBJECT = "repo:acme/payments:ref:refs/heads/main";
  static final String KEY_ID = "load";
  static final String TARGET = "payments-api";

  private static final Duration LIFE = Duration.ofHours(1);

  private final ECKey key;

  LoadIssuer() {
    try {
      this.key = new ECKeyGenerator(Curve.P_256).keyID(KEY_ID).generate();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The public half as Keycloak wants it: PEM (RFC 7468 section 13). */
  String publicKeyPem() {
    try {
      byte[] lineBreak = "\n".getBytes(StandardCharsets.US_ASCII);
      String body =
          Base64.getMimeEncoder(64, lineBreak).encodeToString(key.toECPublicKey().getEncoded());
      return "-----BEGIN PUBLIC KEY-----\n" + body + "\n-----END PUBLIC KEY-----\n";
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Writes the key set and {@code federation.yaml}, whose path it returns. */
  Path writeFederation(Path directory) throws IOException {
    Files.createDirectories(directory);
    Files.writeString(
        directory.resolve("jwks.json"), "{\"keys\":[" + key.toPublicJWK().toJSONString() + "]}");
    return Files.writeString(
        directory.resolve("federation.yaml"),
        """
        issuers:
          - {name: load, issuer: '%s', audiences: ['%s'], jwksFile: jwks.json}
        targets:
          - {audience: %s, mint: {lifetime: 10m}}
        rules:
          - name: all
            issuer: load
            audience: %3$s
            when: claims.repository == "acme/payments" && claims.ref.startsWith("refs/heads/")
            scopes: [deploy, read]
        """
            .formatted(ISSUER, AUDIENCE, TARGET));
  }

  /** So many credentials of one workload, no two of them the same. */
  String[] sign(String audience, int count) {
    Instant now = Instant.now();
    String[] credentials = new String[count];
    try {
      ECDSASigner signer = new ECDSASigner(key);
      for (int at = 0; at < count; at++) {
        SignedJWT credential =
            new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(KEY_ID).build(),
                claims(audience, now));
        credential.sign(signer);
        credentials[at] = credential.serialize();
      }
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
    return credentials;
  }

  /** What a CI job's credential holds, more or less. */
  private static JWTClaimsSet claims(String audience, Instant now) {
    return new JWTClaimsSet.Builder()
        .issuer(ISSUER)
        .subject(SUBJECT)
        .audience(audience)
        .jwtID(UUID.randomUUID().toString())
        .issueTime(Date.from(now))
        .expirationTime(Date.from(now.plus(LIFE)))
        .claim("repository", "acme/payments")
        .claim("repository_id", "74")
        .claim("repository_owner", "acme")
        .claim("ref", "refs/heads/main")
        .claim("ref_type", "branch")
        .claim("sha", "6f3d0e9a5c1b47d28e90ab61f27c3d5488e1a0b2")
        .claim("workflow", "deploy")
        .claim("environment", "production")
        .claim("event_name", "push")
        .claim("run_id", "6172839405")
        .claim("run_number", "10")
        .claim("runner_environment", "self-hosted")
        .build();
  }
}
