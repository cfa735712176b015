package dev.tokenbroker.token;

import dev.tokenbroker.possession.TokenType;
import java.time.Instant;
import java.util.List;

/**
 * A token as it goes out.
 *
 * @param value the token itself; never logged, which {@link #toString()} sees to
 * @param id its {@code jti}; of one that an upstream handed out, the beginning of its SHA-256
 * @param issueTime when it was made
 * @param expireTime when it ends
 * @param scopes the scopes that it carries, sorted
 * @param issuedTokenType what it is, by the URI of RFC 8693 section 3
 * @param tokenType how it is presented
 */
public record IssuedToken(
    String value,
    String id,
    Instant issueTime,
    Instant expireTime,
    List<String> scopes,
    String issuedTokenType,
    TokenType tokenType) {

  /** That of all tokens that are minted. */
  public static final String ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";

  /** A token of that type for its bearer. */
  public IssuedToken(
      String value,
      String id,
      Instant issueTime,
      Instant expireTime,
      List<String> scopes,
      String issuedTokenType) {
    this(value, id, issueTime, expireTime, scopes, issuedTokenType, TokenType.BEARER);
  }

  /** An access token for its bearer. */
  public IssuedToken(
      String value, String id, Instant issueTime, Instant expireTime, List<String> scopes) {
    this(value, id, issueTime, expireTime, scopes, ACCESS_TOKEN);
  }

  @Override
  public String toString() {
    return "IssuedToken[id=" + id + ", expireTime=" + expireTime + ", scopes=" + scopes + "]";
  }
}
