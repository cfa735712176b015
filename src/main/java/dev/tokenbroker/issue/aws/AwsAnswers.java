package dev.tokenbroker.issue.aws;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.issue.sts.UpstreamFailures;
import dev.tokenbroker.issue.sts.UpstreamToken;
import dev.tokenbroker.issue.sts.Wanted;
import dev.tokenbroker.judge.target.AwsRole;
import dev.tokenbroker.peers.guard.Attempt.Attempted;
import dev.tokenbroker.peers.http.CallEnd;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Judges the response of the STS: credentials, a refusal, or trouble that the guard must count. */
final class AwsAnswers {

  private static final String STS = "The STS";

  /** SDKs ask at once for the next credentials if no more is left. */
  private static final Duration LEAST_LIFE = Duration.ofMinutes(15);

  /** How much longer than the requested life is believed: clocks differ. */
  private static final Duration MAX_SURPLUS = Duration.ofMinutes(10);

  /** How far clocks differ before it is worth a note. */
  private static final Duration CLOCK_DOUBT = Duration.ofSeconds(5);

  /** No further attempt of a call: the account pauses, or the answer is not one of AWS. */
  private static final Set<RefusalReason> FINAL =
      EnumSet.of(RefusalReason.UPSTREAM_THROTTLED, RefusalReason.UPSTREAM_ANSWER_MALFORMED);

  private static final Duration PAUSE = Duration.ofSeconds(1);

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
    return UpstreamFailures.end(
        posted,
        STS,
        endpoint,
        false,
        deadline,
        response -> {
          boolean issued = response.status() == 200;
          Refusal refusal = issued ? null : timed(AwsError.refusal(response), response);
          return UpstreamFailures.judged(
              refusal == null ? credentials(response, wanted, sent) : Outcome.refused(refusal),
              refusal != null && !FINAL.contains(refusal.reason()),
              pause(refusal, response));
        },
        AwsAnswers::said);
  }

  /** AWS limits an account in a region by the second, and seldom says when to come back. */
  private static @Nullable Duration pause(@Nullable Refusal refusal, CallEnd.Response response) {
    Duration asked = response.times().retryAfter();
    return asked == null && refusal != null && refusal.reason() == RefusalReason.UPSTREAM_THROTTLED
        ? PAUSE
        : asked;
  }

  /** What the STS says about an error, a sentence each. */
  private static List<String> said(CallEnd.Response response) {
    return StsXml.parse(response.body()).stream().flatMap(AwsAnswers::said).toList();
  }

  private static Stream<String> said(StsXml error) {
    return Stream.of("Error/Type", "Error/Code", "Error/Message", "RequestId")
        .filter(path -> !error.text("ErrorResponse/" + path).isEmpty())
        .map(
            path ->
                "Its %s is: ".formatted(path.replace("Error/", ""))
                    + error.text("ErrorResponse/" + path));
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
    Duration most = wanted.terms(AwsRole.class).duration().plus(MAX_SURPLUS);
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
            AwsCredentials.TYPE,
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
