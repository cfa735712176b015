package dev.tokenbroker.base.jose;

import dev.tokenbroker.base.text.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * The thumbprint of a public key (RFC 7638), SHA-256 in base64url. It names a key in evidence
 * without showing it, and tells apart two keys of one name.
 *
 * <p>It covers the spelling of the published numbers. The digest is made when it is first needed.
 */
final class Thumbprint {

  private final String canonical;

  private Thumbprint(String canonical) {
    this.canonical = canonical;
  }

  /** The thumbprint of a JWK whose members have been read, so that none needs an escape. */
  static Thumbprint of(Map<String, Object> jwk, String type) {
    // The members in the order of RFC 7638 section 3.2.
    return new Thumbprint(
        switch (type) {
          case "RSA" -> member(jwk, "{", "e") + member(jwk, ",", "kty") + member(jwk, ",", "n");
          case "EC" ->
              member(jwk, "{", "crv")
                  + member(jwk, ",", "kty")
                  + member(jwk, ",", "x")
                  + member(jwk, ",", "y");
          default -> member(jwk, "{", "crv") + member(jwk, ",", "kty") + member(jwk, ",", "x");
        });
  }

  private static String member(Map<String, Object> jwk, String before, String name) {
    return before + '"' + name + "\":\"" + jwk.get(name) + '"';
  }

  String text() {
    return Sha256.base64Url((canonical + "}").getBytes(StandardCharsets.UTF_8));
  }
}
