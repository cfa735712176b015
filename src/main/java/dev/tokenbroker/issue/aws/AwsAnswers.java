package dev.tokenbroker.issue.aws;

import dev.tokenbroker.base.outcome.Deadline;
import dev.tokenbroker.base.outcome.Outcome;
import dev.tokenbroker.base.outcome.Refusal;
import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.issue.sts.UpstreamFailures;
import dev.tokenbroker.issue.sts.UpstreamToken;
import dev.tokenbroker.issue.sts.Wanted;
import dev.tokenbroker.judge.policy.Supply;
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

/** Judges the response of the STS: credentials, a refusal, or trouble that the guard must count. */
final class AwsAnswers {

  private static final String STS = "The STS";

  /** SDKs ask at once for the next credentials if no more is left. */
  private static final Duration LEAST_LIFE = Duration.ofMinutes(15);

  /** How much longer than the requested life is believed: clocks differ. */
  private static final Duration MAX_SURPLUS = Duration.ofMinutes(10);

  /** How far clocks differ before it is worth a note. */
  private static final Duration CLOCK_DOUBT = Duration.ofSeconds(5);

  private final InstantSource clock;

  AwsAnswers(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * The result of one attempt.
   *
   * @param sent a moment before the request was sent
   * @param deadline the caller's
   */
  Attempted<Outcome<IssuedToken>> judge(
      CallEnd posted, URI endpoint, Wanted wanted, Instant sent, Deadline deadline) {
    Attempted<Outcome<IssuedToken>> judged =
        switch (posted) {
          case CallFailed why -> UpstreamFailures.noAnswer(why, STS, endpoint, false, deadline);
          case CallEnd.Response response when response.status() == 200 ->
              judged(credentials(response, wanted, sent), response);
          case CallEnd.Response response ->
              judged(Outcome.refused(timed(AwsError.refusal(response), response)), response);
        };
    return judged.map(
        end -> end.mapRefusal(why -> why.noted(AnswerText.notes(STS, posted.words()))));
  }

  private static Attempted<Outcome<IssuedToken>> judged(
      Outcome<IssuedToken> outcome, CallEnd.Response response) {
    return outcome instanceof Outcome.Refused<IssuedToken>(Refusal why)
            && UpstreamFailures.TROUBLE.contains(why.reason())
        ? new Attempted.AttemptFailed<>(
            outcome,
            why.reason() != RefusalReason.UPSTREAM_ANSWER_MALFORMED,
            response.times().retryAfter())
        : new Attempted.Done<>(outcome);
  }

  private Outcome<IssuedToken> credentials(CallEnd.Response response, Wanted wanted, Instant sent) {
    return StsXml.parse(response.body())
        .flatMap(AwsCredentials::in)
        .map(found -> issue(found, wanted, sent))
        .orElseGet(
            () ->
                Outcome.refused(
                    Refusal.of(RefusalReason.UPSTREAM_ANSWER_MALFORMED)
                        .expected("an AssumeRoleWithWebIdentityResponse with Credentials")
                        .seen("another document")));
  }

  private Outcome<IssuedToken> issue(AwsCredentials found, Wanted wanted, Instant sent) {
    Instant now = clock.instant();
    Duration most = ((Supply.Aws) wanted.supply()).duration().plus(MAX_SURPLUS);
    Duration left = Duration.between(now, found.expiration());
    if (left.compareTo(LEAST_LIFE) <= 0 || left.compareTo(most) > 0) {
      return Outcome.refused(
          Refusal.of(RefusalReason.UPSTREAM_TOKEN_UNUSABLE)
              .expected(
                  "credentials that live for more than %d and at most %d minutes"
                      .formatted(LEAST_LIFE.toMinutes(), most.toMinutes()))
              .seen("ones for " + left.toSeconds() + " s"));
    }
    return new UpstreamToken(
            found.json(),
            sent.truncatedTo(ChronoUnit.SECONDS),
            found.expiration(),
            List.of(),
            IssuedToken.AWS_CREDENTIALS,
            null)
        .within(wanted, now);
  }

  /** The refusal with how far the clock of the STS is ahead, if that may be the reason. */
  private Refusal timed(Refusal refusal, CallEnd.Response response) {
    Instant date = response.times().date();
    if (date == null || refusal.reason() != RefusalReason.UPSTREAM_ASSERTION_REFUSED) {
      return refusal;
    }
    Duration ahead = Duration.between(clock.instant(), date);
    return ahead.abs().compareTo(CLOCK_DOUBT) < 0
        ? refusal
        : refusal.hint(
            "the clock of the STS is %d s %s that of the broker"
                .formatted(ahead.abs().toSeconds(), ahead.isNegative() ? "behind" : "ahead of"));
  }
}
