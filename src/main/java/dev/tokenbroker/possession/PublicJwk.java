package dev.tokenbroker.possession;

import dev.tokenbroker.jose.Sha256;
import dev.tokenbroker.jose.StrictBase64Url;
import dev.tokenbroker.jose.VerificationKey;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
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

  /** Members that only private and symmetric keys have (RFC 7518 sections 6.2.2, 6.3.2, 6.4.1). */
  private static final List<String> PRIVATE = List.of("d", "p", "q", "dp", "dq", "qi", "oth", "k");

  /** The key, or why it is unusable. */
  sealed interface JwkReading {
    record UsableJwk(PublicJwk jwk) implements JwkReading {}

    record UnusableJwk(String why) implements JwkReading {}
  }

  static JwkReading read(Map<String, Object> jwk) {
    if (PRIVATE.stream().anyMatch(jwk::containsKey)) {
      return new JwkReading.UnusableJwk("a jwk with members of a private key");
    }
    // In the order of RFC 7638 section 3.2.
    List<String> members =
        switch (String.valueOf(jwk.get("kty"))) {
          case "EC" -> List.of("crv", "kty", "x", "y");
          case "OKP" -> List.of("crv", "kty", "x");
          case "RSA" -> List.of("e", "kty", "n");
          default -> List.of();
        };
    Optional<VerificationKey> key =
        members.stream().allMatch(name -> isCanonical(name, jwk.get(name)))
            ? VerificationKey.of(jwk)
            : Optional.empty();
    return !members.isEmpty() && key.isPresent()
        ? new JwkReading.UsableJwk(new PublicJwk(key.get(), thumbprint(members, jwk)))
        : new JwkReading.UnusableJwk(
            "a jwk that is no public key for signatures (EC, OKP, or RSA of 2048 to "
                + MAX_RSA_BITS
                + " bits)");
  }

  private static boolean isCanonical(String name, @Nullable Object value) {
    if (name.equals("kty") || name.equals("crv")) {
      return value instanceof String;
    }
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

  /** Names and values need no escapes: they are curve names and base64url. */
  private static String thumbprint(List<String> members, Map<String, Object> jwk) {
    String json =
        members.stream()
            .map(name -> "\"" + name + "\":\"" + jwk.get(name) + "\"")
            .collect(Collectors.joining(",", "{", "}"));
    return Sha256.base64Url(json.getBytes(StandardCharsets.UTF_8));
  }
}
