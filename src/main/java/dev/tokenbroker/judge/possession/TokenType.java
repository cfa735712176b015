package dev.tokenbroker.judge.possession;

import java.util.Locale;
import java.util.Optional;

/** The type of a token (RFC 6749 section 7.1), which is also the scheme of the header. */
public enum TokenType {
  /** RFC 6750. */
  BEARER("Bearer"),
  /** With a proof of possession for each request (RFC 9449 section 7.1). */
  DPOP("DPoP");

  private final String label;

  TokenType(String label) {
    this.label = label;
  }

  /** The name in {@code token_type}. */
  public String label() {
    return label;
  }

  /** The type of a scheme, case-insensitively (RFC 9110 section 11.1). */
  static Optional<TokenType> ofScheme(String scheme) {
    return switch (scheme.toLowerCase(Locale.ROOT)) {
      case "bearer" -> Optional.of(BEARER);
      case "dpop" -> Optional.of(DPOP);
      default -> Optional.empty();
    };
  }
}
