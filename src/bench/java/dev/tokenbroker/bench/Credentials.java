package dev.tokenbroker.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.Signature;
import java.text.ParseException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/**
 * Requests with a credential each that is like no other, made before they are needed: signing them
 * under way would be part of what is measured.
 */
final class Credentials {

  static final String ISSUER = "https://load.example";
  static final String AUDIENCE = "https://broker.example";

  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();
  private static final String HEADER =
      BASE64.encodeToString("{\"alg\":\"ES256\",\"kid\":\"load\",\"typ\":\"JWT\"}".getBytes(UTF_8));

  private final PrivateKey key;
  private final Provider provider;
  private final AtomicLong number = new AtomicLong(System.nanoTime());

  private Credentials(PrivateKey key, Provider provider) {
    this.key = key;
    this.provider = provider;
  }

  /** Writes a key, its public half and a federation that trusts it. */
  static void prepare(Path dir) throws IOException, JOSEException {
    Files.createDirectories(dir);
    ECKey key = new ECKeyGenerator(Curve.P_256).keyID("load").generate();
    Files.writeString(dir.resolve("key.json"), key.toJSONString());
    Files.writeString(
        dir.resolve("jwks.json"), "{\"keys\":[" + key.toPublicJWK().toJSONString() + "]}");
    Files.writeString(
        dir.resolve("federation.yaml"),
        """
        issuers:
          - {name: load, issuer: '%s', audiences: ['%s'], jwksFile: jwks.json}
        targets:
          - {audience: payments-api, mint: {lifetime: 10m}}
        rules:
          - name: all
            issuer: load
            audience: payments-api
            when: claims.repository == "acme/payments" && claims.ref.startsWith("refs/heads/")
            scopes: [deploy, read]
        """
            .formatted(ISSUER, AUDIENCE));
  }

  /** Signs with the key that was prepared there. */
  static Credentials of(Path dir)
      throws IOException, ParseException, JOSEException, GeneralSecurityException {
    Provider provider = CryptoChoice.bare("aws-lc");
    PrivateKey key = ECKey.parse(Files.readString(dir.resolve("key.json"))).toECPrivateKey();
    return new Credentials(
        (PrivateKey) KeyFactory.getInstance("EC", provider).translateKey(key), provider);
  }

  /** That many messages, ready to be sent. */
  List<byte[]> requests(int count) {
    return IntStream.range(0, count).parallel().mapToObj(at -> request()).toList();
  }

  private byte[] request() {
    long now = Instant.now().getEpochSecond();
    String claims =
        """
        {"iss":"%s","sub":"workload","aud":"%s","iat":%d,"exp":%d,"jti":"%x",\
        "repository":"acme/payments","ref":"refs/heads/main"}"""
            .formatted(ISSUER, AUDIENCE, now, now + 3_600, number.incrementAndGet());
    String input = HEADER + "." + BASE64.encodeToString(claims.getBytes(UTF_8));
    return ExchangeTokenRequest.newBuilder()
        .setAudience("payments-api")
        .setSubjectToken(input + "." + BASE64.encodeToString(sign(input.getBytes(US_ASCII))))
        .build()
        .toByteArray();
  }

  private byte[] sign(byte[] input) {
    try {
      Signature signer = Signature.getInstance("SHA256withECDSAinP1363Format", provider);
      signer.initSign(key);
      signer.update(input);
      return signer.sign();
    } catch (GeneralSecurityException broken) {
      throw new IllegalStateException(broken);
    }
  }
}
