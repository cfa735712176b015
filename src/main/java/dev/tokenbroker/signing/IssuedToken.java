package dev.tokenbroker.signing;

import dev.tokenbroker.possession.TokenType;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A token as it goes out.
 *
 * @param value the token itself; never logged, which {@link #toString()} sees to
 * @param id its {@code jti}; of one that an upstream handed out, the beginning of its SHA-256
 * @param issueTime when it was made
 * @param expireTime when it ends
 * @param scopes the scopes that it carries, sorted
 * @param issuedTokenType what it is, by the URI of RFC 8693 section 3
 * @param tokenType how it is presented; null where it is no access token, nor usable as one
 */
public record IssuedToken(
    String value,
    String id,
    Instant issueTime,
    Instant expireTime,
    List<String> scopes,
    String issuedTokenType,
    @Nullable TokenType tokenType) {

  /** What RFC 8693 section 2.2.1 has for a token that is not presented as access tokens are. */
  public static final String NOT_APPLICABLE = "N_A";

  /** That of all tokens that are minted. */
  public static final String ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";

  /** The {@code token_type} of an answer with it. */
  public String tokenTypeLabel() {
    return tokenType == null ? NOT_APPLICABLE : tokenType.label();
  }

  @Override
  public String toString() {
    return "IssuedToken[id=" + id + ", expireTime=" + expireTime + ", scopes=" + scopes + "]";
  }
}
