package dev.tokenbroker.issue.signing;

import dev.tokenbroker.judge.possession.TokenType;
import dev.tokenbroker.judge.target.Renewal;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A token as the broker issues it.
 *
 * @param value the token itself; {@link #toString()} keeps it out of logs
 * @param id its {@code jti}; for a token of an upstream, the beginning of its SHA-256
 * @param issueTime when it was made
 * @param expireTime when it expires
 * @param scopes its scopes, sorted
 * @param issuedTokenType its type, as a URI of RFC 8693 section 3
 * @param tokenType how it is presented; null if it neither is nor serves as an access token
 * @param renewal when clients come back for the next one
 */
public record IssuedToken(
    String value,
    String id,
    Instant issueTime,
    Instant expireTime,
    List<String> scopes,
    String issuedTokenType,
    @Nullable TokenType tokenType,
    Renewal renewal) {

  /** The {@code token_type} of a token that is no access token (RFC 8693 section 2.2.1). */
  public static final String NOT_APPLICABLE = "N_A";

  /** The type of all minted tokens. */
  public static final String ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";

  /** A token that is renewed as most are. */
  public IssuedToken(
      String value,
      String id,
      Instant issueTime,
      Instant expireTime,
      List<String> scopes,
      String issuedTokenType,
      @Nullable TokenType tokenType) {
    this(value, id, issueTime, expireTime, scopes, issuedTokenType, tokenType, Renewal.USUAL);
  }

  /** The name under which the revocation of a token of that id is kept: it has no colon. */
  public static String revocationId(String id) {
    return id.replace(':', '-');
  }

  /** The {@code token_type} of a response with this token. */
  public String tokenTypeLabel() {
    return tokenType == null ? NOT_APPLICABLE : tokenType.label();
  }

  /**
   * The same token for a caller that wants it from {@code begin} on for no longer than that time.
   * It ends at the next whole second at least, so that no caller gets an expired one.
   */
  public IssuedToken within(Instant begin, Duration lifetime, Instant now) {
    if (Duration.between(begin, expireTime).compareTo(lifetime) <= 0) {
      return this;
    }
    Instant earliest = now.truncatedTo(ChronoUnit.SECONDS).plusSeconds(1);
    Instant end = begin.plus(lifetime).truncatedTo(ChronoUnit.SECONDS);
    return new IssuedToken(
        value,
        id,
        begin,
        end.isBefore(earliest) ? earliest : end,
        scopes,
        issuedTokenType,
        tokenType,
        renewal);
  }

  /** From its issue to its end. */
  public Duration life() {
    return Duration.between(issueTime, expireTime);
  }

  /** How much of its life is left at least when it is handed out again. */
  public Duration leastLeft() {
    return renewal.leastLeft(life());
  }

  @Override
  public String toString() {
    return "IssuedToken[id=" + id + ", expireTime=" + expireTime + ", scopes=" + scopes + "]";
  }
}
