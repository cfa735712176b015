package dev.tokenbroker.issue.sts;

import dev.tokenbroker.base.json.JsonKind;
import dev.tokenbroker.base.json.PeerJson;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.judge.possession.TokenType;
import java.math.BigInteger;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A token response of an upstream (RFC 6749 section 5.1, RFC 8693 section 2.2.1), read strictly:
 * nothing is guessed, and no refusal quotes the response.
 *
 * @param expiresIn from a second to the given limit
 * @param scopes sorted; null if the response names none, which means the requested ones
 * @param issuedTokenType an absolute URI
 * @param tokenType how the token is presented; null if it is no access token
 */
record TokenResponse(
    String accessToken,
    Duration expiresIn,
    @Nullable List<String> scopes,
    String issuedTokenType,
    @Nullable TokenType tokenType) {

  static final int MAX_TOKEN_CHARS = 16 * 1024;
  private static final int MAX_SCOPE_CHARS = 4096;

  /** An access token always has a type; a refresh token is the broker's, and not passed on. */
  private static final Set<String> NEVER_WITHOUT_TYPE =
      Set.of(IssuedToken.ACCESS_TOKEN, "urn:ietf:params:oauth:token-type:refresh_token");

  /** Keeps the token fit for an Authorization header, too (RFC 6750 section 2.1). */
  private static final Pattern TOKEN = Pattern.compile("[!-~]{1," + MAX_TOKEN_CHARS + "}");

  /** RFC 6749 section 3.3; some servers send an empty text if there are none. */
  private static final Pattern SCOPE = Pattern.compile("[!#-\\[\\]-~ ]{0," + MAX_SCOPE_CHARS + "}");

  private static final Pattern URI = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]{1,30}:[!-~]{1,200}");

  /**
   * Reads a response of status 200.
   *
   * @param maxLifetime the longest accepted life
   * @param requestedType the requested kind of token
   * @return the token; or {@code UPSTREAM_ANSWER_MALFORMED} if it is no token response, or {@code
   *     UPSTREAM_TOKEN_UNUSABLE} if the token must not be passed on
   */
  static Outcome<TokenResponse> parse(
      String contentType, byte[] body, Duration maxLifetime, String requestedType) {
    String mediaType = contentType.split(";", 2)[0].strip();
    if (!mediaType.equalsIgnoreCase("application/json")) {
      return malformed(
          (mediaType.isEmpty() ? "no content type" : "another content type")
              + ", not application/json");
    }
    return switch (PeerJson.object(body)) {
      case Outcome.Accepted<Map<String, Object>>(var members) ->
          read(members, maxLifetime, requestedType);
      case Outcome.Refused<Map<String, Object>>(Refusal why) -> malformed(why.seen());
    };
  }

  private static Outcome<TokenResponse> read(
      Map<String, Object> answer, Duration maxLifetime, String requestedType) {
    if (!(answer.get("access_token") instanceof String token) || token.isEmpty()) {
      return malformed("an access_token that is " + JsonKind.of(answer.get("access_token")));
    }
    if (!(answer.get("token_type") instanceof String type)) {
      return malformed("a token_type that is " + JsonKind.of(answer.get("token_type")));
    }
    Object issued = answer.getOrDefault("issued_token_type", IssuedToken.ACCESS_TOKEN);
    if (!(issued instanceof String issuedType) || !URI.matcher(issuedType).matches()) {
      return malformed("an issued_token_type that is " + JsonKind.of(issued) + " and no URI");
    }
    Object scope = answer.get("scope");
    if (scope != null && !(scope instanceof String)) {
      return malformed("a scope that is " + JsonKind.of(scope) + ", not a string");
    }
    if (scope instanceof String text && !SCOPE.matcher(text).matches()) {
      return malformed("a scope " + unfit(text, MAX_SCOPE_CHARS));
    }
    if (!TOKEN.matcher(token).matches()) {
      return unusable("an access_token " + unfit(token, MAX_TOKEN_CHARS));
    }
    boolean bearer = type.toLowerCase(Locale.ROOT).equals("bearer");
    if (!bearer && !isWithoutType(type, issuedType, requestedType)) {
      return unusable("another token_type than Bearer");
    }
    TokenType presented = bearer ? TokenType.BEARER : null;
    return expiresIn(answer.get("expires_in"), maxLifetime)
        .map(life -> new TokenResponse(token, life, scopes(scope), issuedType, presented));
  }

  private static String unfit(String text, int maxChars) {
    return text.length() > maxChars
        ? "of " + text.length() + " characters, which is more than " + maxChars
        : "with a character that may not be in one";
  }

  /** Whether it is exactly the requested kind of token, which is no access token. */
  private static boolean isWithoutType(String type, String issuedType, String requestedType) {
    return type.equals(IssuedToken.NOT_APPLICABLE)
        && issuedType.equals(requestedType)
        && !NEVER_WITHOUT_TYPE.contains(issuedType);
  }

  private static Outcome<Duration> expiresIn(@Nullable Object value, Duration maxLifetime) {
    return switch (value) {
      // RFC 6749 omits it if the life is known otherwise. Here it is not, and a token of unknown
      // end can be neither cached nor issued with a time to come back.
      case null -> unusable("no expires_in");
      case Integer seconds when seconds <= 0 -> unusable("an expires_in in the past");
      case Integer seconds when seconds <= maxLifetime.toSeconds() ->
          Outcome.accepted(Duration.ofSeconds(seconds));
      case Long seconds when seconds <= 0 -> unusable("an expires_in in the past");
      case Integer _, Long _, BigInteger _ -> unusable("an expires_in beyond " + maxLifetime);
      case Object other ->
          unusable("an expires_in that is no whole number, but " + JsonKind.of(other));
    };
  }

  private static @Nullable List<String> scopes(@Nullable Object scope) {
    return scope instanceof String text
        ? Arrays.stream(text.split(" ", -1)).filter(s -> !s.isEmpty()).distinct().sorted().toList()
        : null;
  }

  private static <T> Outcome<T> malformed(String seen) {
    return Outcome.refused(
        Refusal.of(RefusalReason.UPSTREAM_ANSWER_MALFORMED)
            .expected("a token response (RFC 6749 section 5.1)")
            .seen(seen));
  }

  private static <T> Outcome<T> unusable(String seen) {
    return Outcome.refused(
        Refusal.of(RefusalReason.UPSTREAM_TOKEN_UNUSABLE)
            .expected("a printable Bearer token with expires_in")
            .seen(seen));
  }

  @Override
  public String toString() {
    return "TokenResponse[expiresIn=" + expiresIn + ", issuedTokenType=" + issuedTokenType + "]";
  }
}
