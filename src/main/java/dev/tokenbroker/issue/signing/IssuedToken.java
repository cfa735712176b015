package dev.tokenbroker.issue.signing;

import dev.tokenbroker.judge.possession.TokenType;
import java.time.Duration;
import java.time.Instant;
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
 */
public record IssuedToken(
    String value,
    String id,
    Instant issueTime,
    Instant expireTime,
    List<String> scopes,
    String issuedTokenType,
    @Nullable TokenType tokenType) {

  /** The {@code token_type} of a token that is no access token (RFC 8693 section 2.2.1). */
  public static final String NOT_APPLICABLE = "N_A";

  /** The type of all minted tokens. */
  public static final String ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";

  /**
   * The type of credentials of AWS: a JSON object with {@code AccessKeyId}, {@code
   * SecretAccessKey}, {@code SessionToken} and {@code Expiration}.
   */
  public static final String AWS_CREDENTIALS = "urn:tokenbroker:token-type:aws-credentials";

  /** AWS' SDKs ask again as soon as no more than this is left. */
  private static final Duration AWS_LEAST_LEFT = Duration.ofMinutes(15);

  private static final Duration LEAST_LEFT = Duration.ofSeconds(30);
  private static final int LEAST_LEFT_PART = 5;

  /** The name under which the revocation of a token of that id is kept: it has no colon. */
  public static String revocationId(String id) {
    return id.replace(':', '-');
  }

  /** The {@code token_type} of a response with this token. */
  public String tokenTypeLabel() {
    return tokenType == null ? NOT_APPLICABLE : tokenType.label();
  }

  /** From its issue to its end. */
  public Duration life() {
    return Duration.between(issueTime, expireTime);
  }

  /**
   * How much of its life is left at least when it is handed out again: a fifth, and 30 s; of
   * credentials of AWS 15 minutes.
   */
  public Duration leastLeft() {
    if (isOfAws()) {
      return AWS_LEAST_LEFT;
    }
    Duration part = life().dividedBy(LEAST_LEFT_PART);
    return part.compareTo(LEAST_LEFT) > 0 ? part : LEAST_LEFT;
  }

  /** Whether it is credentials of AWS, which are renewed by half of their life. */
  public boolean isOfAws() {
    return issuedTokenType.equals(AWS_CREDENTIALS);
  }

  @Override
  public String toString() {
    return "IssuedToken[id=" + id + ", expireTime=" + expireTime + ", scopes=" + scopes + "]";
  }
}
