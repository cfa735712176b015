package dev.tokenbroker.issue.sts;

import dev.tokenbroker.base.jose.Sha256;
import dev.tokenbroker.base.outcome.Deadline;
import dev.tokenbroker.base.outcome.Outcome;
import dev.tokenbroker.base.outcome.Refusal;
import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.peers.guard.Attempt.Attempted;
import dev.tokenbroker.peers.http.AnswerText;
import dev.tokenbroker.peers.http.CallEnd;
import dev.tokenbroker.peers.http.CallFailed;
import dev.tokenbroker.peers.http.CallFailed.FetchFailure;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Judges the response of an upstream: a token, a refusal, or trouble that the guard must count.
 * Immutable.
 */
final class TokenAnswers {

  /**
   * How much a token may outlast its credential: clocks differ, and an upstream that ends both at
   * one moment rounds. The end shown to callers is cut to the credential's end anyway.
   */
  static final Duration TOLERANCE = Duration.ofSeconds(60);

  private static final String ENDPOINT = "The token endpoint";

  /** The reasons that concern the upstream itself. */
  static final Set<RefusalReason> TROUBLE =
      Set.of(
          RefusalReason.UPSTREAM_THROTTLED,
          RefusalReason.UPSTREAM_UNAVAILABLE,
          RefusalReason.UPSTREAM_ANSWER_MALFORMED);

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
          case CallFailed(FetchFailure kind, String detail, var _, var _) ->
              noAnswer(kind, detail, endpoint, wanted, deadline);
          case CallEnd.Response response when response.status() == 200 ->
              token(response, wanted, sent);
          case CallEnd.Response response -> error(response, wanted);
        };
    return judged.map(
        end -> end.mapRefusal(why -> why.noted(AnswerText.notes(ENDPOINT, posted.words()))));
  }

  private Attempted<Outcome<IssuedToken>> noAnswer(
      FetchFailure kind, String detail, URI endpoint, Wanted wanted, Deadline deadline) {
    String called = ENDPOINT + " is " + AnswerText.address(endpoint) + ".";
    if (kind == FetchFailure.TIMED_OUT && deadline.hasPassed()) {
      return failed(
          Refusal.of(deadline.passed(RefusalReason.UPSTREAM_TIMED_OUT)).seen(detail).note(called),
          false);
    }
    Refusal refusal = Refusal.of(UpstreamFailures.reason(kind)).seen(detail).note(called);
    // Nothing was sent, and nothing will be until an operator changes an address.
    return kind == FetchFailure.ADDRESS_REFUSED
        ? new Attempted.Done<>(Outcome.refused(refusal))
        : failed(refusal, UpstreamFailures.isRetryable(kind, isSingleUse(wanted)));
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
    boolean trouble = TROUBLE.contains(refusal.reason());
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
    Instant now = clock.instant();
    Optional<Refusal> ended = wanted.grant().endedBy(now);
    if (ended.isPresent()) {
      return Outcome.refused(ended.get());
    }
    Instant issueTime = sent.truncatedTo(ChronoUnit.SECONDS);
    Instant end = issueTime.plus(answer.expiresIn());
    if (!end.isAfter(now)) {
      return Outcome.refused(
          Refusal.of(RefusalReason.UPSTREAM_TOKEN_UNUSABLE)
              .expected("a token that lives on when it has arrived")
              .seen("one with expires_in " + answer.expiresIn().toSeconds()));
    }
    Instant credentialEnd = wanted.grant().notAfter();
    if (credentialEnd != null && end.isAfter(credentialEnd.plus(TOLERANCE))) {
      return Outcome.refused(
          Refusal.of(RefusalReason.UPSTREAM_TOKEN_OUTLIVES_CREDENTIAL)
              .expected("a token that ends by " + credentialEnd)
              .seen("one that ends at " + end));
    }
    List<String> scopes = answer.scopes() == null ? wanted.scopes() : answer.scopes();
    List<String> surplus = wanted.surplus(scopes);
    if (!surplus.isEmpty()) {
      return Outcome.refused(
          Refusal.of(RefusalReason.UPSTREAM_SCOPE_TOO_WIDE)
              .expected("no other scopes than " + String.join(" ", wanted.scopes()))
              .seen("also " + String.join(" ", surplus)));
    }
    Actor actor = upstream.actor();
    Optional<String> noActor =
        actor != null && actor.required() ? Actor.fault(answer.accessToken()) : Optional.empty();
    if (noActor.isPresent()) {
      return Outcome.refused(
          Refusal.of(RefusalReason.UPSTREAM_ACTOR_MISSING)
              .expected("a JWT whose act names the broker")
              .seen(noActor.get()));
    }
    return Outcome.accepted(
        new IssuedToken(
            answer.accessToken(),
            Sha256.name(answer.accessToken().getBytes(StandardCharsets.US_ASCII)),
            issueTime,
            cut(end, wanted, now),
            scopes.stream().sorted().toList(),
            answer.issuedTokenType(),
            answer.tokenType()));
  }

  /**
   * The end shown to callers, in whole seconds. It is no later than the caller asked for, nor than
   * the credential's end. But it is at least the next whole second, so that no token is issued as
   * expired.
   */
  private static Instant cut(Instant end, Wanted wanted, Instant now) {
    Instant told = end;
    Duration lifetime = wanted.grant().lifetime();
    if (lifetime != null && wanted.now().plus(lifetime).isBefore(told)) {
      told = wanted.now().plus(lifetime);
    }
    return wanted.grant().cut(told, now);
  }

  private static Attempted<Outcome<IssuedToken>> failed(Refusal refusal, boolean retryable) {
    return new Attempted.AttemptFailed<>(Outcome.refused(refusal), retryable, null);
  }
}
