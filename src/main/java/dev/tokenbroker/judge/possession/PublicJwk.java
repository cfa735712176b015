package dev.tokenbroker.judge.possession;

import dev.tokenbroker.base.jose.JwkFinding;
import dev.tokenbroker.base.jose.StrictBase64Url;
import dev.tokenbroker.base.jose.VerificationKey;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The public key in the header of a proof (RFC 9449 section 4.2).
 *
 * <p>Only keys with exactly one spelling are accepted, since the thumbprint covers the spelling:
 * base64url without stray bits, RSA numbers without leading zeros (RFC 7518 section 6.3.1.1).
 *
 * @param thumbprint RFC 7638, SHA-256, base64url
 */
record PublicJwk(VerificationKey key, String thumbprint) {

  static final int MAX_RSA_BITS = 4096;

  /** The key, or why it is unusable. */
  sealed interface JwkReading {
    record UsableJwk(PublicJwk jwk) implements JwkReading {}

    record UnusableJwk(String why) implements JwkReading {}
  }

  static JwkReading read(Map<String, Object> jwk) {
    List<String> numbers =
        switch (String.valueOf(jwk.get("kty"))) {
          case "EC" -> List.of("x", "y");
          case "OKP" -> List.of("x");
          case "RSA" -> List.of("e", "n");
          default -> List.of();
        };
    for (String name : numbers) {
      if (!isCanonical(name, jwk.get(name))) {
        return unusable("its " + name + " is absent, too long or not in its one spelling");
      }
    }
    return switch (VerificationKey.read(jwk)) {
      case JwkFinding.UsableKey(VerificationKey key) ->
          new JwkReading.UsableJwk(new PublicJwk(key, key.thumbprint()));
      case JwkFinding.UnusableKey(String cause) -> unusable(cause);
    };
  }

  private static JwkReading unusable(String cause) {
    return new JwkReading.UnusableJwk(
        "a jwk that is no public key for signatures (EC, OKP, or RSA of 2048 to %d bits): %s"
            .formatted(MAX_RSA_BITS, cause));
  }

  private static boolean isCanonical(String name, @Nullable Object value) {
    if (!(value instanceof String text)) {
      return false;
    }
    Optional<byte[]> bytes = StrictBase64Url.decode(text, 0, text.length());
    return switch (name) {
      case "n", "e" ->
          bytes
              .filter(number -> number.length > 0 && number[0] != 0)
              .filter(number -> number.length <= MAX_RSA_BITS / Byte.SIZE)
              .isPresent();
      default -> bytes.isPresent();
    };
  }
}
