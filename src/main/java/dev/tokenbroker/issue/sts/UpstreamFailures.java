package dev.tokenbroker.issue.sts;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.peers.guard.Attempt.Attempted;
import dev.tokenbroker.peers.http.AnswerText;
import dev.tokenbroker.peers.http.CallEnd;
import dev.tokenbroker.peers.http.CallFailed;
import dev.tokenbroker.peers.http.CallFailed.FetchFailure;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the end of a call of an upstream means for the guard and for callers. */
public final class UpstreamFailures {

  /** The reasons of refusals in a response that concern the upstream itself. */
  private static final Set<RefusalReason> TROUBLE =
      Set.of(
          RefusalReason.UPSTREAM_THROTTLED,
          RefusalReason.UPSTREAM_UNAVAILABLE,
          RefusalReason.UPSTREAM_ANSWER_MALFORMED);

  /** The reasons that a failed attempt can have. */
  static final Set<RefusalReason> REASONS =
      Stream.of(
              Arrays.stream(FetchFailure.values()).map(UpstreamFailures::reason),
              TROUBLE.stream(),
              Stream.of(RefusalReason.DEADLINE_EXCEEDED))
          .flatMap(reasons -> reasons)
          .filter(reason -> reason != RefusalReason.UPSTREAM_ADDRESS_REFUSED)
          .collect(Collectors.toUnmodifiableSet());

  private UpstreamFailures() {}

  /**
   * The end of an attempt, with what the upstream says as notes.
   *
   * @param called what was called, as the beginning of a sentence
   * @param singleUse whether the upstream may accept the credential only once
   * @param deadline the caller's
   * @param judge says what a response means
   * @param said the sentences that the upstream says beside the members of JSON
   */
  public static Attempted<Outcome<IssuedToken>> end(
      CallEnd end,
      String called,
      URI endpoint,
      boolean singleUse,
      Deadline deadline,
      Function<CallEnd.Response, Attempted<Outcome<IssuedToken>>> judge,
      Function<CallEnd.Response, List<String>> said) {
    Attempted<Outcome<IssuedToken>> judged =
        switch (end) {
          case CallFailed why -> noAnswer(why, called, endpoint, singleUse, deadline);
          case CallEnd.Response response -> judge.apply(response);
        };
    List<String> words =
        end instanceof CallEnd.Response response ? said.apply(response) : List.of();
    return judged.map(
        outcome ->
            outcome.mapRefusal(why -> why.noted(AnswerText.notes(called, end.words(), words))));
  }

  /**
   * The end of an attempt with a response: trouble of the upstream, which its guard must count, or
   * an answer. Any other refusal means that the upstream works and refuses.
   *
   * @param retryable whether the same request may be sent again, if it is trouble
   * @param retryAfter the pause that the upstream wants; null for none
   */
  public static Attempted<Outcome<IssuedToken>> judged(
      Outcome<IssuedToken> outcome, boolean retryable, @Nullable Duration retryAfter) {
    return outcome instanceof Outcome.Refused<IssuedToken>(Refusal why)
            && TROUBLE.contains(why.reason())
        ? new Attempted.AttemptFailed<>(outcome, retryable, retryAfter)
        : new Attempted.Done<>(outcome);
  }

  /**
   * The end of an attempt that has got no response.
   *
   * @param called what was called, as the beginning of a sentence
   * @param singleUse whether the upstream may accept the credential only once
   * @param deadline the caller's
   */
  public static Attempted<Outcome<IssuedToken>> noAnswer(
      CallFailed why, String called, URI endpoint, boolean singleUse, Deadline deadline) {
    String note = called + " is " + AnswerText.address(endpoint) + ".";
    if (why.kind() == FetchFailure.TIMED_OUT && deadline.hasPassed()) {
      return new Attempted.AttemptFailed<>(
          Outcome.refused(
              Refusal.of(deadline.passed(RefusalReason.UPSTREAM_TIMED_OUT))
                  .seen(why.detail())
                  .note(note)),
          false,
          null);
    }
    Outcome<IssuedToken> refused =
        Outcome.refused(Refusal.of(reason(why.kind())).seen(why.detail()).note(note));
    // Nothing was sent, and nothing will be until an operator changes an address.
    return why.kind() == FetchFailure.ADDRESS_REFUSED
        ? new Attempted.Done<>(refused)
        : new Attempted.AttemptFailed<>(refused, isRetryable(why.kind(), singleUse), null);
  }

  static RefusalReason reason(FetchFailure kind) {
    return switch (kind) {
      case UNREACHABLE -> RefusalReason.UPSTREAM_UNREACHABLE;
      case PROXY_FAILED -> RefusalReason.UPSTREAM_PROXY_FAILED;
      case TLS_FAILED -> RefusalReason.UPSTREAM_TLS_FAILED;
      case TLS_CERTIFICATE_INVALID -> RefusalReason.UPSTREAM_CERTIFICATE_INVALID;
      case TLS_CLIENT_CERTIFICATE_WANTED -> RefusalReason.UPSTREAM_CLIENT_CERTIFICATE_WANTED;
      case TIMED_OUT -> RefusalReason.UPSTREAM_TIMED_OUT;
      case TLS_UNTRUSTED, TLS_NOT_CONFIGURED -> RefusalReason.UPSTREAM_TLS_UNTRUSTED;
      case ADDRESS_REFUSED -> RefusalReason.UPSTREAM_ADDRESS_REFUSED;
      case SERVER_ERROR -> RefusalReason.UPSTREAM_UNAVAILABLE;
      case REDIRECTED, ACCESS_REFUSED, BAD_STATUS, TOO_LARGE, MALFORMED ->
          RefusalReason.UPSTREAM_ANSWER_MALFORMED;
      case OVERLOADED -> RefusalReason.UPSTREAM_BUSY;
    };
  }

  /**
   * Whether the same request may be sent again if no response came.
   *
   * @param singleUse whether the upstream may accept the credential only once. A request whose
   *     response was lost may have used it up, and nothing says whether it was sent at all
   */
  static boolean isRetryable(FetchFailure kind, boolean singleUse) {
    // A second request does not help an upstream that is silent for seconds, and callers wait.
    return !singleUse && (kind == FetchFailure.UNREACHABLE || kind == FetchFailure.TLS_FAILED);
  }
}
