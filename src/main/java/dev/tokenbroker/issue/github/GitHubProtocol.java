package dev.tokenbroker.issue.github;

import dev.tokenbroker.base.jose.PeerJson;
import dev.tokenbroker.base.outcome.ChangeListener;
import dev.tokenbroker.base.outcome.Deadline;
import dev.tokenbroker.base.outcome.Outcome;
import dev.tokenbroker.base.outcome.Refusal;
import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.issue.github.GitHubApi.Answer;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.issue.sts.ClientAuthentication;
import dev.tokenbroker.issue.sts.UpstreamDefinition;
import dev.tokenbroker.issue.sts.UpstreamFailures;
import dev.tokenbroker.issue.sts.UpstreamProtocol;
import dev.tokenbroker.issue.sts.Wanted;
import dev.tokenbroker.judge.policy.GitHubPermission;
import dev.tokenbroker.judge.policy.Supply;
import dev.tokenbroker.peers.guard.Attempt.Attempted;
import dev.tokenbroker.peers.http.AnswerText;
import dev.tokenbroker.peers.http.CallEnd;
import dev.tokenbroker.peers.http.CallFailed;
import dev.tokenbroker.peers.http.PeerClient;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Asks GitHub for installation tokens in the name of an App.
 *
 * <p>An attempt is one request as a rule. The installation of an account is found by up to two
 * more, and kept; where a kept one is gone, it is looked up and asked for once more. So an attempt
 * sends at most four requests.
 */
final class GitHubProtocol implements UpstreamProtocol {

  private static final String GITHUB = "GitHub";

  /** Only the App that made a check run may change it, so these tokens are always of one App. */
  private static final GitHubPermission STICKY =
      new GitHubPermission("checks", GitHubPermission.Level.WRITE);

  private final List<App> apps;
  private final GitHubApi api;
  private final GitHubErrors errors;
  private final Duration maxLife;
  private final Clocks clock;

  /**
   * Reads the keys.
   *
   * @param maxLife the longest accepted life of a token
   */
  GitHubProtocol(
      UpstreamDefinition upstream,
      PeerClient client,
      Duration maxLife,
      Clocks clock,
      ChangeListener changes) {
    if (!(upstream.authentication() instanceof ClientAuthentication.GitHubApps(var declared))) {
      throw new IllegalArgumentException(upstream.name() + " has no App");
    }
    this.apps =
        declared.stream().map(app -> new App(app, upstream.name(), clock, changes)).toList();
    this.api = new GitHubApi(upstream, client);
    this.errors = new GitHubErrors(clock);
    this.maxLife = maxLife;
    this.clock = clock;
  }

  /** Also where GitHub takes no request of any App: then nothing is sent to it. */
  @Override
  public Optional<Refusal> obstacle() {
    List<App> able = apps.stream().filter(App::hasKey).toList();
    if (able.isEmpty()) {
      return Optional.of(
          Refusal.of(RefusalReason.UPSTREAM_CLIENT_REFUSED)
              .expected("a readable file with the private key of an App")
              .seen("none so far; the log names the problem"));
    }
    return able.stream().anyMatch(app -> app.untilFree().isZero())
        ? Optional.empty()
        : Optional.of(limited(able));
  }

  private static Refusal limited(List<App> able) {
    return Refusal.of(RefusalReason.UPSTREAM_THROTTLED)
        .expected("an App of which GitHub takes requests")
        .seen("no request: all have reached a limit of GitHub")
        .retryAfter(able.stream().map(App::untilFree).min(Comparator.naturalOrder()).orElseThrow());
  }

  @Override
  public Attempted<Outcome<IssuedToken>> ask(
      URI endpoint, Wanted wanted, Deadline limit, Deadline deadline) {
    Supply.GitHub asked = (Supply.GitHub) wanted.supply();
    List<App> able = able(asked);
    Optional<App> best =
        able.stream()
            .filter(app -> app.untilFree().isZero())
            .max(
                Comparator.comparing((App app) -> !app.isAside())
                    .thenComparingLong(App::remaining));
    return best.isEmpty()
        ? new Attempted.Done<>(Outcome.refused(limited(able)))
        : new Exchange(endpoint, wanted, asked, best.get(), limit, deadline).make();
  }

  /** The Apps that may be used for those permissions. */
  private List<App> able(Supply.GitHub asked) {
    List<App> able = apps.stream().filter(App::hasKey).toList();
    return STICKY.isWithin(asked.permissions()) ? able.subList(0, 1) : able;
  }

  /** One attempt by one App. */
  private final class Exchange {

    private final URI base;
    private final Wanted wanted;
    private final Supply.GitHub asked;
    private final App app;
    private final Deadline limit;
    private final Deadline deadline;

    Exchange(
        URI base, Wanted wanted, Supply.GitHub asked, App app, Deadline limit, Deadline deadline) {
      this.base = base;
      this.wanted = wanted;
      this.asked = asked;
      this.app = app;
      this.limit = limit;
      this.deadline = deadline;
    }

    Attempted<Outcome<IssuedToken>> make() {
      Long known =
          asked.installation() > 0 ? Long.valueOf(asked.installation()) : app.installation();
      if (known == null) {
        return ofFound(null, null);
      }
      Instant sent = clock.instant();
      Answer answer = post(known);
      return asked.installation() == 0 && isGone(answer)
          ? ofFound(known, answer)
          : judge(answer, sent);
    }

    /** Looks the installation up; the response for the same one that was gone is the end. */
    private Attempted<Outcome<IssuedToken>> ofFound(@Nullable Long gone, @Nullable Answer answer) {
      app.forgetInstallation();
      Answer found = find("/orgs/");
      if (isGone(found)) {
        found = find("/users/");
      }
      Long id = id(found.end());
      if (id == null) {
        return error(found);
      }
      if (id.equals(gone) && answer != null) {
        return error(answer);
      }
      app.installed(id);
      Instant sent = clock.instant();
      return judge(post(id), sent);
    }

    private Answer find(String kind) {
      return noted(api.get(base, kind + asked.owner() + "/installation", app.jwt(), limit));
    }

    private Answer post(long installation) {
      Map<String, Object> members = new TreeMap<>();
      members.put(
          "permissions",
          asked.permissions().entrySet().stream()
              .collect(Collectors.toMap(Map.Entry::getKey, each -> each.getValue().label())));
      if (!asked.repositories().isEmpty()) {
        members.put("repository_ids", asked.repositories());
      }
      String path = "/app/installations/" + installation + "/access_tokens";
      return noted(api.post(base, path, app.jwt(), members, limit));
    }

    private Answer noted(Answer answer) {
      if (answer.end() instanceof CallEnd.Response response) {
        errors.note(response, app);
      }
      return answer;
    }

    private Attempted<Outcome<IssuedToken>> judge(Answer answer, Instant sent) {
      if (!(answer.end() instanceof CallEnd.Response response) || response.status() != 201) {
        return error(answer);
      }
      Outcome<IssuedToken> token =
          InstallationToken.parse(response)
              .then(read -> read.granted(asked, sent, response.times().date(), maxLife))
              .then(granted -> granted.within(wanted, clock.instant()));
      boolean malformed =
          token instanceof Outcome.Refused<IssuedToken>(Refusal why)
              && why.reason() == RefusalReason.UPSTREAM_ANSWER_MALFORMED;
      return told(
          malformed
              ? new Attempted.AttemptFailed<>(token, false, null)
              : new Attempted.Done<>(token),
          answer);
    }

    private Attempted<Outcome<IssuedToken>> error(Answer answer) {
      return told(
          switch (answer.end()) {
            case CallFailed why ->
                UpstreamFailures.noAnswer(why, GITHUB, answer.uri(), false, deadline);
            case CallEnd.Response response ->
                errors.judge(
                    response,
                    app,
                    asked,
                    able(asked).stream().anyMatch(each -> each.untilFree().isZero()));
          },
          answer);
    }

    private static Attempted<Outcome<IssuedToken>> told(
        Attempted<Outcome<IssuedToken>> end, Answer answer) {
      return end.map(
          outcome ->
              outcome.mapRefusal(why -> why.noted(AnswerText.notes(GITHUB, answer.end().words()))));
    }
  }

  /** The id of the installation that a response describes; null if it describes none. */
  private static @Nullable Long id(CallEnd end) {
    return end instanceof CallEnd.Response response
            && response.status() == 200
            && PeerJson.object(response.body())
                instanceof Outcome.Accepted<Map<String, Object>>(var members)
            && members.get("id") instanceof Number id
            && (id instanceof Integer || id instanceof Long)
            && id.longValue() > 0
        ? id.longValue()
        : null;
  }

  private static boolean isGone(Answer answer) {
    return answer.end() instanceof CallEnd.Response response
        && response.status() == 404
        && !response.isPage();
  }

  @Override
  public Optional<TokenRevoker> revoker() {
    return Optional.of(this::revoke);
  }

  private Attempted<Outcome<Boolean>> revoke(
      URI endpoint, String token, Deadline limit, Deadline deadline) {
    Answer answer = api.delete(endpoint, "/installation/token", token, limit);
    return switch (answer.end()) {
      case CallEnd.Response response when response.status() == 204 || response.status() == 401 ->
          new Attempted.Done<>(Outcome.accepted(response.status() == 204));
      case CallEnd.Response response -> errors.notRevoked(response);
      case CallFailed why ->
          UpstreamFailures.noAnswer(why, GITHUB, answer.uri(), false, deadline)
              .map(outcome -> outcome.then(_ -> Outcome.accepted(false)));
    };
  }

  @Override
  public void reread() {
    apps.forEach(App::reread);
  }
}
