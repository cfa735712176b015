package dev.tokenbroker.http;

import dev.tokenbroker.possession.PresentedToken;
import dev.tokenbroker.possession.ProofVerifier;
import dev.tokenbroker.possession.TokenType;

/**
 * The challenge to a caller who is not let in, by the scheme that it came with: {@code Bearer} (RFC
 * 6750 section 3), or {@code DPoP} with the algorithms that proofs may have (RFC 9449 section 7.1).
 */
final class Challenge {

  private static final String REALM = " realm=\"token-broker\"";

  private Challenge() {}

  /**
   * To one who is not known: with an error only to who has presented a token (RFC 6750 section
   * 3.1).
   *
   * @param authorization the header of that name, empty where there is none
   */
  static String unauthenticated(String authorization) {
    return PresentedToken.parse(authorization).isPresent()
        ? with("invalid_token", authorization)
        : TokenType.BEARER.label() + REALM;
  }

  /** With an error, to who has presented that. */
  static String with(String error, String authorization) {
    TokenType type =
        PresentedToken.parse(authorization).map(PresentedToken::type).orElse(TokenType.BEARER);
    String challenge = type.label() + REALM + ", error=\"" + error + "\"";
    return switch (type) {
      case BEARER -> challenge;
      case DPOP -> challenge + ", algs=\"" + String.join(" ", ProofVerifier.algorithms()) + "\"";
    };
  }
}
