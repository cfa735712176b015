package dev.tokenbroker.bench;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.factories.DefaultJWSSignerFactory;
import com.nimbusds.jose.jwk.AsymmetricJWK;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
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
 * One issuer of credentials, about 880 characters each with ES256 and 1140 with RS256, and the
 * federation of a broker that trusts it.
 *
 * <p>A new key each time; what it signs is good for an hour.
 */
final class LoadIssuer {

  static final String ISSUER = "https://load.example";
  static final String AUDIENCE = "https://broker.example";
  static final String SUBJECT = "repo:acme/payments:ref:refs/heads/main";
  static final String KEY_ID = "load";
  static final String TARGET = "payments-api";
  static final String KEY_SET = "jwks.json";

  private static final Duration LIFE = Duration.ofHours(1);

  private final JWSAlgorithm algorithm;
  private final JWK key;

  /** Signs with ES256. */
  LoadIssuer() {
    this(JWSAlgorithm.ES256);
  }

  /**
   * @param algorithm what it signs with: ES256 or RS256
   */
  LoadIssuer(JWSAlgorithm algorithm) {
    this.algorithm = algorithm;
    try {
      this.key =
          algorithm.equals(JWSAlgorithm.RS256)
              ? new RSAKeyGenerator(2048).keyID(KEY_ID).generate()
              : new ECKeyGenerator(Curve.P_256).keyID(KEY_ID).generate();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  JWSAlgorithm algorithm() {
    return algorithm;
  }

  /** The public half as Keycloak wants it: PEM (RFC 7468 section 13). */
  String publicKeyPem() {
    try {
      byte[] lineBreak = "\n".getBytes(StandardCharsets.US_ASCII);
      String body =
          Base64.getMimeEncoder(64, lineBreak)
              .encodeToString(((AsymmetricJWK) key).toPublicKey().getEncoded());
      return "-----BEGIN PUBLIC KEY-----\n" + body + "\n-----END PUBLIC KEY-----\n";
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Writes the key set and {@code federation.yaml} with one rule; returns the latter's path. */
  Path writeFederation(Path directory) throws IOException {
    return writeFederation(directory, 1);
  }

  /** The same with so many rules, of which only the last one accepts the credentials. */
  Path writeFederation(Path directory, int rules) throws IOException {
    Files.createDirectories(directory);
    Files.writeString(
        directory.resolve(KEY_SET), "{\"keys\":[" + key.toPublicJWK().toJSONString() + "]}");
    StringBuilder document =
        new StringBuilder(
            """
            issuers:
              - {name: load, issuer: '%s', audiences: ['%s'], jwksFile: %s}
            targets:
              - {audience: %s, mint: {lifetime: 10m}}
            rules:
            """
                .formatted(ISSUER, AUDIENCE, KEY_SET, TARGET));
    for (int rule = 1; rule < rules; rule++) {
      document.append(rule("other-" + rule, "acme/other-" + rule));
    }
    document.append(rule("all", "acme/payments"));
    return Files.writeString(directory.resolve("federation.yaml"), document);
  }

  private static String rule(String name, String repository) {
    return """
      - name: %s
        issuer: load
        audience: %s
        when: claims.repository == "%s" && claims.ref.startsWith("refs/heads/")
        scopes: [deploy, read]
    """
        .formatted(name, TARGET, repository);
  }

  /** So many credentials of one workload, no two of them the same. */
  String[] sign(String audience, int count) {
    Instant now = Instant.now();
    String[] credentials = new String[count];
    try {
      JWSSigner signer = new DefaultJWSSignerFactory().createJWSSigner(key, algorithm);
      for (int at = 0; at < count; at++) {
        SignedJWT credential =
            new SignedJWT(
                new JWSHeader.Builder(algorithm).keyID(KEY_ID).build(), claims(audience, now));
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
