package dev.tokenbroker.issue.sts;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.peers.guard.Attempt.Attempted;
import dev.tokenbroker.peers.http.CallEnd;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/**
 * Judges the response of an upstream: a token, a refusal, or trouble that the guard must count.
 * Immutable.
 */
final class TokenAnswers {

  static final String ENDPOINT = "The token endpoint";

  private final StsKind upstream;
  private final Duration maxLifetime;
  private final InstantSource clock;

  /**
   * @param maxLifetime the longest accepted life of a token
   */
  TokenAnswers(StsKind upstream, Duration maxLifetime, InstantSource clock) {
    this.upstream = upstream;
    this.maxLifetime = maxLifetime;
    this.clock = clock;
  }

  /**
   * The result of one attempt.
   *
   * @param endpoint where the request was sent
   * @param sent a moment before the request was sent: the token's life counts from there, so that
   *     it is never overestimated
   * @param deadline the caller's
   */
  Attempted<Outcome<IssuedToken>> judge(
      CallEnd posted, URI endpoint, Wanted wanted, Instant sent, Deadline deadline) {
    return UpstreamFailures.end(
        posted,
        ENDPOINT,
        endpoint,
        isSingleUse(wanted),
        deadline,
        response ->
            response.status() == 200 ? token(response, wanted, sent) : error(response, wanted),
        _ -> List.of());
  }

  private Attempted<Outcome<IssuedToken>> token(
      CallEnd.Response response, Wanted wanted, Instant sent) {
    return UpstreamFailures.judged(
        TokenResponse.parse(
                response.contentType(), response.body(), maxLifetime, wanted.tokenType())
            .then(answer -> issue(answer, wanted, sent)),
        false,
        null);
  }

  private Attempted<Outcome<IssuedToken>> error(CallEnd.Response response, Wanted wanted) {
    UpstreamError error = UpstreamError.of(response);
    return UpstreamFailures.judged(
        Outcome.refused(error.refusal(upstream, wanted.exchange().presentation())),
        error.isRetryable(isSingleUse(wanted)),
        response.times().retryAfter());
  }

  private boolean isSingleUse(Wanted wanted) {
    return upstream.mayUseUp(wanted.exchange().presentation());
  }

  private Outcome<IssuedToken> issue(TokenResponse answer, Wanted wanted, Instant sent) {
    List<String> scopes = answer.scopes() == null ? wanted.scopes() : answer.scopes();
    Instant issueTime = sent.truncatedTo(ChronoUnit.SECONDS);
    return new UpstreamToken(
            answer.accessToken(),
            issueTime,
            issueTime.plus(answer.expiresIn()),
            scopes,
            answer.issuedTokenType(),
            answer.tokenType())
        .within(wanted, clock.instant())
        .then(
            token ->
                unwanted(token, wanted)
                    .map(Outcome::<IssuedToken>refused)
                    .orElseGet(() -> Outcome.accepted(token)));
  }

  /** Why a token is not the one that was asked for; empty if it is. */
  private Optional<Refusal> unwanted(IssuedToken token, Wanted wanted) {
    List<String> surplus = wanted.surplus(token.scopes());
    if (!surplus.isEmpty()) {
      return Optional.of(
          Refusal.of(RefusalReason.UPSTREAM_SCOPE_TOO_WIDE)
              .expected("no other scopes than " + String.join(" ", wanted.scopes()))
              .seen("also " + String.join(" ", surplus)));
    }
    Actor actor = upstream.actor();
    return actor != null && actor.required()
        ? Actor.fault(token.value())
            .map(
                fault ->
                    Refusal.of(RefusalReason.UPSTREAM_ACTOR_MISSING)
                        .expected("a JWT whose act names the broker")
                        .seen(fault))
        : Optional.empty();
  }
}
