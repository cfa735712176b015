package dev.tokenbroker.issue.sts;

import dev.tokenbroker.base.outcome.Deadline;
import dev.tokenbroker.base.outcome.Outcome;
import dev.tokenbroker.base.outcome.Refusal;
import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.peers.guard.Attempt.Attempted;
import dev.tokenbroker.peers.http.AnswerText;
import dev.tokenbroker.peers.http.CallEnd;
import dev.tokenbroker.peers.http.CallFailed;
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

  private final UpstreamDefinition upstream;
  private final Duration maxLifetime;
  private final InstantSource clock;

  /**
   * @param maxLifetime the longest accepted life of a token
   */
  TokenAnswers(UpstreamDefinition upstream, Duration maxLifetime, InstantSource clock) {
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
    Attempted<Outcome<IssuedToken>> judged =
        switch (posted) {
          case CallFailed why ->
              UpstreamFailures.noAnswer(why, ENDPOINT, endpoint, isSingleUse(wanted), deadline);
          case CallEnd.Response response when response.status() == 200 ->
              token(response, wanted, sent);
          case CallEnd.Response response -> error(response, wanted);
        };
    return judged.map(
        end -> end.mapRefusal(why -> why.noted(AnswerText.notes(ENDPOINT, posted.words()))));
  }

  private Attempted<Outcome<IssuedToken>> token(
      CallEnd.Response response, Wanted wanted, Instant sent) {
    Outcome<IssuedToken> token =
        TokenResponse.parse(
                response.contentType(), response.body(), maxLifetime, wanted.tokenType())
            .then(answer -> issue(answer, wanted, sent));
    return token instanceof Outcome.Refused<IssuedToken>(Refusal why)
            && why.reason() == RefusalReason.UPSTREAM_ANSWER_MALFORMED
        ? failed(why, false)
        : new Attempted.Done<>(token);
  }

  private Attempted<Outcome<IssuedToken>> error(CallEnd.Response response, Wanted wanted) {
    UpstreamError error = UpstreamError.of(response);
    Refusal refusal = error.refusal(upstream, wanted.exchange().presentation());
    boolean trouble = UpstreamFailures.TROUBLE.contains(refusal.reason());
    // Any other error means that the upstream works and refuses.
    return trouble
        ? new Attempted.AttemptFailed<>(
            Outcome.refused(refusal),
            error.isRetryable(isSingleUse(wanted)),
            response.times().retryAfter())
        : new Attempted.Done<>(Outcome.refused(refusal));
  }

  private boolean isSingleUse(Wanted wanted) {
    return upstream.mayUseUpCredential(wanted.exchange());
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

  private static Attempted<Outcome<IssuedToken>> failed(Refusal refusal, boolean retryable) {
    return new Attempted.AttemptFailed<>(Outcome.refused(refusal), retryable, null);
  }
}
