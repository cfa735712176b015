package dev.tokenbroker.evaluate.federation.document;

import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Parses SHA-256 thumbprints of certificates in both usual notations. The first is base64url
 * without padding, as in {@code x5t#S256} (RFC 8705 section 3.1). The second is hexadecimal digits,
 * with or without the colons of {@code openssl x509 -fingerprint -sha256}.
 */
final class Thumbprints {

  private static final Pattern BASE64_URL = Pattern.compile("[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]");
  private static final Pattern HEX = Pattern.compile("([0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}");

  private Thumbprints() {}

  /** The thumbprint in base64url; empty if the text is no thumbprint. */
  static Optional<String> parse(String text) {
    if (HEX.matcher(text).matches()) {
      byte[] digest = HexFormat.of().parseHex(text.replace(":", ""));
      return Optional.of(Base64.getUrlEncoder().withoutPadding().encodeToString(digest));
    }
    return Optional.of(text).filter(BASE64_URL.asMatchPredicate());
  }
}
