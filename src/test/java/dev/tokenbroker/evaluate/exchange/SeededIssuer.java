package dev.tokenbroker.evaluate.exchange;

import dev.tokenbroker.process.runtime.TestClock;
import java.math.BigInteger;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.util.Base64;

/**
 * An RS256 issuer whose key and credentials are the same for the same seed: RSASSA-PKCS1-v1_5
 * signatures are deterministic, and cheap to verify.
 */
public final class SeededIssuer {

  public static final String ISSUER = "https://issuer.example";
  public static final String AUDIENCE = "https://broker.example";
  static final String HEADER = "{\"alg\":\"RS256\",\"kid\":\"k-1\",\"typ\":\"JWT\"}";

  private static final Base64.Encoder BASE64URL = Base64.getUrlEncoder().withoutPadding();

  private final KeyPair pair;

  public SeededIssuer(long seed) {
    try {
      SecureRandom random = SecureRandom.getInstance("SHA1PRNG");
      random.setSeed(seed);
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048, random);
      this.pair = generator.generateKeyPair();
    } catch (GeneralSecurityException broken) {
      throw new IllegalStateException(broken);
    }
  }

  /** A federation that trusts it: two targets, a rule for each, and one that is disabled. */
  String federation() {
    RSAPublicKey key = (RSAPublicKey) pair.getPublic();
    return """
    issuers:
      - name: acme
        issuer: %s
        audiences: ['%s']
        algorithms: [RS256]
        jwks: {keys: [{kty: RSA, use: sig, alg: RS256, kid: k-1, n: '%s', e: '%s'}]}
    targets:
      - {audience: payments-api, mint: {lifetime: 10m}}
      - {audience: orders, mint: {lifetime: 5m}}
    rules:
      - name: closed
        issuer: acme
        audience: payments-api
        when: claims.repository == "acme/closed"
        disabled: true
      - name: deploy-payments
        issuer: acme
        audience: payments-api
        when: claims.repository == "acme/payments"
        subject: '"repo:" + claims.repository'
        scopes: [deploy, read]
      - name: read-orders
        issuer: acme
        audience: orders
        when: claims.repository.startsWith("acme/")
        scopes: [read]
    """
        .formatted(ISSUER, AUDIENCE, unsigned(key.getModulus()), unsigned(key.getPublicExponent()));
  }

  /** The same, with something more said about it. */
  String federation(String more) {
    String algorithms = "algorithms: [RS256]\n";
    return federation().replace(algorithms, algorithms + "    " + more + "\n");
  }

  /** The document with an upstream, which issues the tokens for payments-api. */
  static String exchanging(String document, URI tokenEndpoint, String declared) {
    return document
        .replace(
            "targets:\n",
            "upstreams:\n  - {name: sso, tokenEndpoint: '%s', %s}\ntargets:\n"
                .formatted(tokenEndpoint, declared))
        .replace("mint: {lifetime: 10m}", "exchange: {upstream: sso}")
        .replace("    subject: '\"repo:\" + claims.repository'\n", "");
  }

  /** A credential of that repository, issued a minute before {@link TestClock#START} for ten. */
  String credential(String repository) {
    return credential(repository, TestClock.START.getEpochSecond() + 540);
  }

  String credential(String repository, long expireSeconds) {
    long issued = TestClock.START.getEpochSecond() - 60;
    return sign(
        """
        {"iss":"%s","sub":"repo:%s:ref:refs/heads/main","aud":"%s","exp":%d,"nbf":%d,"iat":%d,\
        "repository":"%s","run_number":10}"""
            .formatted(ISSUER, repository, AUDIENCE, expireSeconds, issued, issued, repository));
  }

  String sign(String payload) {
    try {
      String input = encode(HEADER) + "." + encode(payload);
      Signature signature = Signature.getInstance("SHA256withRSA");
      signature.initSign(pair.getPrivate());
      signature.update(input.getBytes(StandardCharsets.US_ASCII));
      return input + "." + BASE64URL.encodeToString(signature.sign());
    } catch (GeneralSecurityException broken) {
      throw new IllegalStateException(broken);
    }
  }

  static String encode(String text) {
    return BASE64URL.encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String unsigned(BigInteger number) {
    byte[] bytes = number.toByteArray();
    int sign = bytes[0] == 0 ? 1 : 0;
    return BASE64URL.encodeToString(java.util.Arrays.copyOfRange(bytes, sign, bytes.length));
  }
}
