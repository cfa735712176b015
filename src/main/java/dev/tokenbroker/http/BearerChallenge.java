package dev.tokenbroker.http;

/** What {@code WWW-Authenticate} says to a caller who is not let in (RFC 6750 section 3). */
final class BearerChallenge {

  private static final String SCHEME = "Bearer ";
  private static final String CHALLENGE = "Bearer realm=\"token-broker\"";

  private BearerChallenge() {}

  /**
   * To one who is not known: {@code invalid_token} only to who presented one (section 3.1).
   *
   * @param authorization the header of that name, empty where there is none
   */
  static String unauthenticated(String authorization) {
    return authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
        ? CHALLENGE + ", error=\"invalid_token\""
        : CHALLENGE;
  }

  /** To one whose token is good and lacks that scope. */
  static String insufficientScope(String scope) {
    return CHALLENGE + ", error=\"insufficient_scope\", scope=\"" + scope + "\"";
  }
}
