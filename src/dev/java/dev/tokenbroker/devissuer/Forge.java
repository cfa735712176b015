package dev.tokenbroker.devissuer;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Makes credentials. It builds the three parts of a signed JWT by hand, since a JOSE library would
 * refuse to make the flawed ones. A flaw spoils exactly one of claims, header, signature or the
 * whole.
 */
final class Forge {

  private static final Duration FAR = Duration.ofMinutes(10);
  private static final int TOO_MANY_CHARS = 20_000;
  private static final String SOMEBODY_ELSE = "https://somebody-else.localhost";
  private static final String EXTENSION = "https://token-broker.localhost/unheard-of";

  private final DevKey published;
  private final DevKey unpublished;
  private final Duration lifetime;

  Forge(DevKey published, DevKey unpublished, Duration lifetime) {
    this.published = published;
    this.unpublished = unpublished;
    this.lifetime = lifetime;
  }

  /** A compact JWS of that issuer, valid from now on unless its flaw says otherwise. */
  String make(String issuer, DevCredential wanted, Instant now) {
    @Nullable Flaw flaw = wanted.flaw();
    DevKey key = flaw == Flaw.UNKNOWN_KEY ? unpublished : published;
    String input =
        encode(JSONObjectUtils.toJSONString(header(key, flaw)))
            + "."
            + encode(payload(claims(issuer, wanted, now), flaw));
    String token = input + "." + Base64URL.encode(signature(key, input, flaw));
    return flaw == Flaw.MALFORMED ? input : token;
  }

  private static Map<String, Object> header(DevKey key, @Nullable Flaw flaw) {
    Map<String, Object> header = new LinkedHashMap<>();
    header.put("alg", "ES256");
    header.put("typ", "JWT");
    header.put("kid", key.kid());
    if (flaw == Flaw.UNSIGNED) {
      header.put("alg", "none");
    }
    if (flaw == Flaw.HMAC) {
      header.put("alg", "HS256");
    }
    if (flaw == Flaw.CRITICAL_EXTENSION) {
      header.put("crit", List.of(EXTENSION));
      header.put(EXTENSION, true);
    }
    return header;
  }

  private Map<String, Object> claims(String issuer, DevCredential wanted, Instant now) {
    Map<String, Object> claims = new LinkedHashMap<>();
    claims.put("iss", issuer);
    claims.put("sub", wanted.subject());
    claims.put("aud", wanted.audience());
    time(claims, now);
    claims.put("jti", UUID.randomUUID().toString());
    claims.put("repository", wanted.repository());
    claims.put("ref", wanted.ref());
    if (wanted.flaw() != null) {
      spoil(claims, wanted.flaw(), now);
    }
    return claims;
  }

  private void spoil(Map<String, Object> claims, Flaw flaw, Instant now) {
    switch (flaw) {
      case EXPIRED -> time(claims, now.minus(FAR).minus(lifetime));
      case NOT_YET_VALID -> {
        time(claims, now.plus(FAR));
        claims.put("iat", now.getEpochSecond());
      }
      case WRONG_AUDIENCE -> claims.put("aud", SOMEBODY_ELSE);
      case ISSUER_SLASH -> claims.computeIfPresent("iss", (name, issuer) -> issuer + "/");
      case UNKNOWN_ISSUER -> claims.put("iss", "https://nobody.localhost");
      case WITHOUT_SUBJECT -> claims.remove("sub");
      case TOO_LARGE -> claims.put("padding", "x".repeat(TOO_MANY_CHARS));
      case OTHER_BRANCH -> claims.put("ref", "refs/heads/feature");
      case BAD_SIGNATURE,
          UNKNOWN_KEY,
          MALFORMED,
          UNSIGNED,
          HMAC,
          CRITICAL_EXTENSION,
          DUPLICATE_CLAIM -> {
        // Sound claims: the flaw is elsewhere.
      }
    }
  }

  private void time(Map<String, Object> claims, Instant start) {
    claims.put("iat", start.getEpochSecond());
    claims.put("nbf", start.getEpochSecond());
    claims.put("exp", start.plus(lifetime).getEpochSecond());
  }

  private static String payload(Map<String, Object> claims, @Nullable Flaw flaw) {
    String json = JSONObjectUtils.toJSONString(claims);
    return flaw == Flaw.DUPLICATE_CLAIM
        ? "{\"aud\":\"" + SOMEBODY_ELSE + "\"," + json.substring(1)
        : json;
  }

  private byte[] signature(DevKey key, String input, @Nullable Flaw flaw) {
    byte[] signature = flaw == Flaw.HMAC ? hmacWithPublicKey(input) : key.sign(input);
    if (flaw == Flaw.BAD_SIGNATURE) {
      signature[signature.length / 2] ^= 1;
    }
    return signature;
  }

  private byte[] hmacWithPublicKey(String input) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(published.published().toECPublicKey().getEncoded(), "HmacSHA256"));
      return mac.doFinal(input.getBytes(StandardCharsets.US_ASCII));
    } catch (GeneralSecurityException | JOSEException e) {
      throw new IllegalStateException("This Java cannot make an HMAC", e);
    }
  }

  private static String encode(String json) {
    return Base64URL.encode(json).toString();
  }
}
