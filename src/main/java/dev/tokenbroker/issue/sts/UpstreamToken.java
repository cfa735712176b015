package dev.tokenbroker.issue.sts;

import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.text.Sha256;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.judge.possession.TokenType;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A token as an upstream has issued it, not yet held against the grant.
 *
 * @param value the token itself; {@link #toString()} keeps it out of logs
 * @param issueTime a moment before the request was sent, in whole seconds: the token's life counts
 *     from there, so that it is never overestimated
 * @param end when it expires
 * @param scopes in any order
 * @param issuedTokenType its type, as a URI of RFC 8693 section 3
 * @param tokenType how it is presented; null if it neither is nor serves as an access token
 */
public record UpstreamToken(
    String value,
    Instant issueTime,
    Instant end,
    List<String> scopes,
    String issuedTokenType,
    @Nullable TokenType tokenType) {

  /**
   * How much a token may outlast its credential: clocks differ, and an upstream that ends both at
   * one moment rounds. The end shown to callers is cut to the credential's end anyway.
   */
  static final Duration TOLERANCE = Duration.ofSeconds(60);

  /**
   * The token for that grant.
   *
   * @param now when it has arrived
   * @return the token, with its end as shown to callers; or {@code CREDENTIAL_EXPIRED}, {@code
   *     UPSTREAM_TOKEN_UNUSABLE} if it has ended, {@code UPSTREAM_TOKEN_OUTLIVES_CREDENTIAL}
   */
  public Outcome<IssuedToken> within(Wanted wanted, Instant now) {
    Optional<Refusal> ended = wanted.grant().endedBy(now);
    if (ended.isPresent()) {
      return Outcome.refused(ended.get());
    }
    if (!end.isAfter(now)) {
      return Outcome.refused(
          Refusal.of(RefusalReason.UPSTREAM_TOKEN_UNUSABLE)
              .expected("a token that lives on when it has arrived")
              .seen("one that lives " + Duration.between(issueTime, end).toSeconds() + " s"));
    }
    Instant credentialEnd = wanted.grant().notAfter();
    if (credentialEnd != null && end.isAfter(credentialEnd.plus(TOLERANCE))) {
      return Outcome.refused(
          Refusal.of(RefusalReason.UPSTREAM_TOKEN_OUTLIVES_CREDENTIAL)
              .expected("a token that ends by " + credentialEnd)
              .seen("one that ends at " + end));
    }
    return Outcome.accepted(
        new IssuedToken(
            value,
            Sha256.name(value.getBytes(StandardCharsets.UTF_8)),
            issueTime,
            wanted.grant().cut(end, now),
            scopes.stream().sorted().toList(),
            issuedTokenType,
            tokenType,
            wanted.supply().renewal()));
  }

  @Override
  public String toString() {
    return "UpstreamToken[end=" + end + ", scopes=" + scopes + "]";
  }
}
