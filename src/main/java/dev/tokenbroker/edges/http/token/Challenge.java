package dev.tokenbroker.edges.http.token;

import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.edges.edge.RefusalText;
import dev.tokenbroker.judge.possession.PresentedToken;
import dev.tokenbroker.judge.possession.ProofVerifier;
import dev.tokenbroker.judge.possession.TokenType;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The challenge to a caller that is not authenticated. It names the scheme that the caller used:
 * {@code Bearer} (RFC 6750 section 3), or {@code DPoP} with the algorithms for proofs (RFC 9449
 * section 7.1). A client authentication error must also name any other scheme (RFC 6749 section
 * 5.2).
 */
final class Challenge {

  private static final String REALM = " realm=\"token-broker\"";
  private static final Pattern SCHEME = Pattern.compile("^[A-Za-z][A-Za-z0-9-]{0,31}");

  private Challenge() {}

  /**
   * The challenge to an unknown caller. It has an error only if the caller presented a token (RFC
   * 6750 section 3.1).
   *
   * @param authorization the header of that name, empty if there is none
   */
  static String unauthenticated(String authorization) {
    return PresentedToken.parse(authorization).isPresent()
        ? with(
            TokenError.INVALID_TOKEN,
            RefusalText.of(RefusalReason.CALLER_UNAUTHENTICATED),
            authorization)
        : of(TokenType.BEARER.label());
  }

  /**
   * The challenge to an unknown client. It names the scheme that the client used and a scheme that
   * the endpoint supports (RFC 6749 section 5.2).
   *
   * @param authorization the header of that name, empty if there is none
   */
  static String unknownClient(String authorization) {
    String tokens = unauthenticated(authorization);
    return scheme(authorization)
        .filter(scheme -> !isOfTokens(scheme))
        .map(scheme -> of(scheme) + ", " + tokens)
        .orElse(tokens);
  }

  /** The challenge for a scheme, without an error. */
  static String of(String scheme) {
    return scheme + REALM;
  }

  /** The scheme that a client used to authenticate; empty if there is none. */
  static Optional<String> scheme(String authorization) {
    Matcher scheme = SCHEME.matcher(authorization);
    return scheme.find() ? Optional.of(scheme.group()) : Optional.empty();
  }

  private static boolean isOfTokens(String scheme) {
    return Arrays.stream(TokenType.values())
        .anyMatch(type -> type.label().equalsIgnoreCase(scheme));
  }

  /**
   * The challenge with an error, for the token type that the caller presented.
   *
   * @param text a {@link RefusalText}
   */
  static String with(TokenError error, String text, String authorization) {
    TokenType type =
        PresentedToken.parse(authorization).map(PresentedToken::type).orElse(TokenType.BEARER);
    String challenge =
        of(type.label()) + ", error=\"" + error.code() + "\", error_description=\"" + text + "\"";
    return switch (type) {
      case BEARER -> challenge;
      case DPOP -> challenge + ", algs=\"" + String.join(" ", ProofVerifier.algorithms()) + "\"";
    };
  }
}
