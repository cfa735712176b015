package dev.tokenbroker.devissuer;

/**
 * A response of the issuer {@code ci} or the upstream {@code corp-sso}.
 *
 * @param type the content type
 */
record CiAnswer(int status, String type, String body) {

  static final CiAnswer NOT_FOUND = new CiAnswer(404, "text/plain", "There is no such page.\n");

  static final CiAnswer UNAVAILABLE = new CiAnswer(503, "text/plain", "Come back later.\n");

  /** What a proxy for logins in front of the server would send. */
  static final CiAnswer LOGIN_PAGE =
      new CiAnswer(200, "text/html", "<!doctype html><title>Log in</title><h1>Log in</h1>\n");

  static CiAnswer json(int status, String body) {
    return new CiAnswer(status, "application/json", body);
  }
}
