package dev.tokenbroker.issue.github;

import dev.tokenbroker.base.json.PeerJson;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.judge.target.GitHubInstallation;
import dev.tokenbroker.peers.guard.Attempt.Attempted;
import dev.tokenbroker.peers.http.CallEnd;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Judges responses of GitHub without a token: what must be mended, and who may be asked when again.
 * Takes note of the limits of an App in any response. Immutable.
 *
 * @param clock the time of day
 */
record GitHubErrors(InstantSource clock) {

  /** GitHub: without other advice, wait at least a minute. */
  static final Duration PAUSE = Duration.ofMinutes(1);

  /** A difference of clocks that is worth a word. */
  private static final Duration SKEW = Duration.ofSeconds(30);

  private static final Pattern NUMBER = Pattern.compile("\\d{1,15}");

  /** Takes note of the App's limit as the response tells it. */
  void note(CallEnd.Response response, App app) {
    String left = response.header("X-RateLimit-Remaining");
    Duration until = untilReset(response);
    if (left != null && NUMBER.matcher(left).matches() && until != null) {
      app.left(Long.parseLong(left), until);
    }
    Duration pause = pause(response);
    if (pause != null) {
      app.limited(pause);
    }
  }

  /**
   * The end of an attempt with that response.
   *
   * @param another whether another App may be asked now
   */
  Attempted<Outcome<IssuedToken>> judge(
      CallEnd.Response response, App app, GitHubInstallation asked, boolean another) {
    Optional<Attempted<Outcome<IssuedToken>>> trouble = trouble(response, another);
    if (trouble.isPresent()) {
      return trouble.get();
    }
    if (Set.of(401, 403, 404).contains(response.status())) {
      app.setAside();
    }
    return new Attempted.Done<>(Outcome.refused(refusal(response, app, asked)));
  }

  /** The end of an attempt to revoke a token, which may still be valid. */
  Attempted<Outcome<Boolean>> notRevoked(CallEnd.Response response) {
    Duration pause = pause(response);
    if (pause != null) {
      // The limit is that of the installation, not of the App: it says nothing about exchanges.
      return new Attempted.Done<>(
          Outcome.refused(
              Refusal.of(RefusalReason.UPSTREAM_THROTTLED).seen(seen(response)).retryAfter(pause)));
    }
    Optional<Attempted<Outcome<Boolean>>> trouble = trouble(response, false);
    return trouble.orElseGet(
        () ->
            new Attempted.Done<>(
                Outcome.refused(
                    Refusal.of(RefusalReason.UPSTREAM_REQUEST_REFUSED).seen(seen(response)))));
  }

  /** The end with a response that says nothing about what was asked for; empty for others. */
  private <T> Optional<Attempted<Outcome<T>>> trouble(CallEnd.Response response, boolean another) {
    int status = response.status();
    Duration pause = pause(response);
    if (pause != null) {
      return Optional.of(
          failed(RefusalReason.UPSTREAM_THROTTLED, response, another, another ? null : pause));
    }
    Duration after = response.times().retryAfter();
    if (status >= 500 || status == 408) {
      return Optional.of(failed(RefusalReason.UPSTREAM_UNAVAILABLE, response, true, after));
    }
    return status < 400 || response.isPage() || message(response).isEmpty()
        ? Optional.of(failed(RefusalReason.UPSTREAM_ANSWER_MALFORMED, response, false, after))
        : Optional.empty();
  }

  private Refusal refusal(CallEnd.Response response, App app, GitHubInstallation asked) {
    String installation =
        asked.owner().isEmpty()
            ? "installation " + asked.installation() + " of App " + app.id()
            : "installation of App " + app.id() + " for " + asked.owner();
    return switch (response.status()) {
      case 401 -> unauthenticated(response, app);
      case 403 ->
          told(
              RefusalReason.UPSTREAM_NOT_PERMITTED,
              response,
              message(response).contains("suspended")
                  ? "The " + installation + " is suspended: its account can end that."
                  : "The " + installation + " may not do this.");
      case 404 ->
          told(
              RefusalReason.UPSTREAM_NOT_PERMITTED,
              response,
              "There is no " + installation + ": install the App, or correct the target.");
      case 422 ->
          told(
              RefusalReason.UPSTREAM_REQUEST_REFUSED,
              response,
              "The "
                  + installation
                  + " lacks a repository or a permission that was asked for: grant it, or remove it"
                  + " from the target or the rule.");
      default ->
          told(
              RefusalReason.UPSTREAM_REQUEST_REFUSED,
              response,
              "The API may have another version than " + GitHubApi.VERSION + ".");
    };
  }

  private Refusal unauthenticated(CallEnd.Response response, App app) {
    Refusal refusal =
        told(
            RefusalReason.UPSTREAM_CLIENT_REFUSED,
            response,
            "GitHub does not accept the JWT of App "
                + app.id()
                + ": compare 'app' and 'keyFile' with the App's id and its private keys.");
    Instant date = response.times().date();
    Duration ahead = date == null ? Duration.ZERO : Duration.between(date, clock.instant());
    return ahead.abs().compareTo(SKEW) < 0
        ? refusal
        : refusal.hint(
            "The broker's clock is %d s %s that of GitHub: set it."
                .formatted(ahead.abs().toSeconds(), ahead.isNegative() ? "behind" : "ahead of"));
  }

  private static Refusal told(RefusalReason reason, CallEnd.Response response, String hint) {
    return Refusal.of(reason).seen(seen(response)).hint(hint);
  }

  private static <T> Attempted<Outcome<T>> failed(
      RefusalReason reason,
      CallEnd.Response response,
      boolean retryable,
      @Nullable Duration retryAfter) {
    return new Attempted.AttemptFailed<>(
        Outcome.refused(Refusal.of(reason).seen(seen(response))), retryable, retryAfter);
  }

  private static String seen(CallEnd.Response response) {
    return "status " + response.status() + (response.isPage() ? ", a web page" : "");
  }

  /** How long GitHub wants no request of the App; null if it does not say so. */
  private @Nullable Duration pause(CallEnd.Response response) {
    if (response.status() != 429 && response.status() != 403) {
      return null;
    }
    Duration asked = response.times().retryAfter();
    Duration until = untilReset(response);
    if (asked != null) {
      return asked;
    }
    if ("0".equals(response.header("X-RateLimit-Remaining"))) {
      return until == null ? PAUSE : until;
    }
    boolean secondary = message(response).toLowerCase(Locale.ROOT).contains("secondary rate limit");
    return response.status() == 429 || secondary ? PAUSE : null;
  }

  /**
   * The time until GitHub counts anew, at most an hour, by its own clock if the response tells it.
   */
  private @Nullable Duration untilReset(CallEnd.Response response) {
    String reset = response.header("X-RateLimit-Reset");
    if (reset == null || !NUMBER.matcher(reset).matches()) {
      return null;
    }
    Instant date = response.times().date();
    Duration until =
        Duration.between(
            date == null ? clock.instant() : date, Instant.ofEpochSecond(Long.parseLong(reset)));
    if (until.isNegative()) {
      return Duration.ZERO;
    }
    return until.compareTo(App.LONGEST_LIMIT) > 0 ? App.LONGEST_LIMIT : until;
  }

  /** What GitHub says, for classification only; empty if the body is not one of GitHub's errors. */
  private static String message(CallEnd.Response response) {
    return PeerJson.object(response.body())
                instanceof Outcome.Accepted<Map<String, Object>>(var members)
            && members.get("message") instanceof String message
        ? message
        : "";
  }
}
