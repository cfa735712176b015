package dev.tokenbroker.http;

import dev.tokenbroker.exchange.Verdict;
import dev.tokenbroker.token.IssuedToken;
import dev.tokenbroker.token.JsonBytes;
import dev.tokenbroker.token.RefreshPoint;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * What the token endpoint answers: a token (RFC 6749 section 5.1, RFC 8693 section 2.2.1), or an
 * error ({@link RefusalResponse}). Those for introspection and revocation answer so, too ({@link
 * LifecycleAnswer}).
 *
 * <p>May hold a token, so that nothing of its body stands in {@link #toString}.
 *
 * @param status the HTTP status
 * @param headers beside those that every answer has
 * @param body JSON, or nothing
 */
record TokenAnswer(int status, Map<String, String> headers, Buffer body) {

  /** The compact serialisation of a signed JWT (RFC 7515 section 7.1), as far as its looks go. */
  private static final Pattern JWT_FORM =
      Pattern.compile("eyJ[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+");

  /**
   * The token. {@code expires_in} is rounded down; {@code refresh_in} says in how many seconds to
   * come back for the next one.
   */
  static TokenAnswer issued(
      IssuedToken token,
      TokenRequest request,
      Verdict verdict,
      Instant now,
      RandomGenerator random) {
    Instant refreshTime = RefreshPoint.refreshTime(token, verdict.evaluationTime(), random);
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("access_token", token.value());
    members.put("issued_token_type", type(token, request));
    members.put("token_type", token.tokenTypeLabel());
    members.put("expires_in", secondsUntil(token.expireTime(), now));
    // Left out it would mean all that were asked for (RFC 6749 section 5.1), even where it is none.
    if (!token.scopes().isEmpty() || !request.exchange().scopes().isEmpty()) {
      members.put("scope", String.join(" ", token.scopes()));
    }
    members.put("refresh_in", secondsUntil(refreshTime, now));
    members.put("verdict_id", verdict.id());
    return new TokenAnswer(200, Map.of(), Buffer.buffer(JsonBytes.of(members)));
  }

  /** A JWT may be called one; what an upstream hands out need not be one. */
  private static String type(IssuedToken token, TokenRequest request) {
    return request.wantsJwt() && JWT_FORM.matcher(token.value()).matches()
        ? TokenRequestReader.JWT
        : token.issuedTokenType();
  }

  private static long secondsUntil(Instant end, Instant now) {
    return Math.max(0, Duration.between(now, end).toSeconds());
  }

  @Override
  public String toString() {
    return "TokenAnswer[status=" + status + "]";
  }
}
