package dev.tokenbroker.token;

import java.time.Instant;
import java.util.List;

/**
 * A token as it goes out.
 *
 * @param value the token itself; never logged, which {@link #toString()} sees to
 * @param id its {@code jti}
 * @param issueTime when it was made
 * @param expireTime when it ends
 * @param scopes the scopes that it carries, sorted
 */
public record IssuedToken(
    String value, String id, Instant issueTime, Instant expireTime, List<String> scopes) {

  @Override
  public String toString() {
    return "IssuedToken[id=" + id + ", expireTime=" + expireTime + ", scopes=" + scopes + "]";
  }
}
