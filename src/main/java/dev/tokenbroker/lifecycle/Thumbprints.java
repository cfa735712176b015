package dev.tokenbroker.lifecycle;

import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * SHA-256 thumbprints of certificates as people write them: in base64url without padding, which is
 * {@code x5t#S256} (RFC 8705 section 3.1), or in hexadecimal digits, with or without the colons of
 * {@code openssl x509 -fingerprint -sha256}.
 */
public final class Thumbprints {

  private static final Pattern BASE64_URL = Pattern.compile("[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]");
  private static final Pattern HEX = Pattern.compile("([0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}");

  private Thumbprints() {}

  /** The thumbprint in base64url; empty where the text is none. */
  public static Optional<String> parse(String text) {
    if (HEX.matcher(text).matches()) {
      byte[] digest = HexFormat.of().parseHex(text.replace(":", ""));
      return Optional.of(Base64.getUrlEncoder().withoutPadding().encodeToString(digest));
    }
    return Optional.of(text).filter(BASE64_URL.asMatchPredicate());
  }

  /** Those of a setting that are thumbprints. A start with any other is refused. */
  static Set<String> of(Optional<List<String>> setting) {
    return setting.orElse(List.of()).stream()
        .flatMap(text -> parse(text).stream())
        .collect(Collectors.toUnmodifiableSet());
  }
}
