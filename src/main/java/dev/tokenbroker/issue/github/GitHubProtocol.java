package dev.tokenbroker.issue.github;

import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.json.PeerJson;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.text.StateLog;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.issue.github.GitHubApi.Answer;
import dev.tokenbroker.issue.github.GitHubKind.DeclaredApp;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.issue.sts.KnownGrants;
import dev.tokenbroker.issue.sts.UpstreamDefinition;
import dev.tokenbroker.issue.sts.UpstreamFailures;
import dev.tokenbroker.issue.sts.UpstreamKind.UpstreamMeans;
import dev.tokenbroker.issue.sts.UpstreamProtocol;
import dev.tokenbroker.issue.sts.Wanted;
import dev.tokenbroker.judge.target.GitHubInstallation;
import dev.tokenbroker.judge.target.GitHubPermission;
import dev.tokenbroker.peers.guard.Attempt.Attempted;
import dev.tokenbroker.peers.http.CallEnd;
import dev.tokenbroker.peers.http.CallFailed;
import dev.tokenbroker.peers.http.CallFailed.FetchFailure;
import dev.tokenbroker.peers.http.PeerRequest.Method;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Asks GitHub for installation tokens in the name of an App.
 *
 * <p>An attempt is one request as a rule. The installation of an account is found by up to two
 * more, and kept; where a kept one is gone, it is looked up and asked for once more. A token that
 * is not handed out is revoked. So an attempt sends at most five requests for each App. It asks
 * another App only where GitHub refuses the first one, which is then set aside for some minutes.
 */
final class GitHubProtocol implements UpstreamProtocol {

  private static final String GITHUB = "GitHub";

  /** The form of installation tokens, and fit for an Authorization header. */
  private static final Pattern TOKEN = Pattern.compile("ghs_[!-~]{1,16384}");

  private static final String REVOCATION = "/installation/token";

  /** Only the App that made a check run may change it, so these tokens are always of one App. */
  private static final GitHubPermission STICKY =
      new GitHubPermission("checks", GitHubPermission.Level.WRITE);

  /** What the owner of an installation decides. */
  private static final Set<RefusalReason> DECIDED_BY_OWNER =
      Set.of(
          RefusalReason.UPSTREAM_NOT_PERMITTED,
          RefusalReason.UPSTREAM_REQUEST_REFUSED,
          RefusalReason.UPSTREAM_SCOPE_TOO_WIDE);

  private final List<App> apps;
  private final GitHubApi api;
  private final GitHubErrors errors;
  private final Duration maxLife;
  private final Clocks clock;
  private final String upstream;
  private final KnownGrants grants;
  private final StateLog states;

  /** Reads the keys. */
  GitHubProtocol(UpstreamDefinition upstream, List<DeclaredApp> declared, UpstreamMeans means) {
    this.clock = means.clock();
    this.apps =
        declared.stream()
            .map(app -> new App(app, upstream.name(), clock, means.changes()))
            .toList();
    this.api = new GitHubApi(upstream, means.client());
    this.errors = new GitHubErrors(clock);
    this.maxLife = means.maxTokenLifetime();
    this.upstream = "Upstream " + upstream.name();
    this.grants =
        new KnownGrants(
            upstream.name(),
            ChangeKind.PERMISSIONS_CHANGED,
            "tokens were granted",
            DECIDED_BY_OWNER,
            means.changes());
    this.states = new StateLog(GitHubProtocol.class, StateLog.QUIET, clock::nanoTime);
  }

  /** Also where GitHub takes no request of any App: then nothing is sent to it. */
  @Override
  public Optional<Refusal> obstacle(Wanted wanted) {
    List<App> able = fit(able(wanted.terms(GitHubInstallation.class)));
    if (able.isEmpty()) {
      return Optional.of(
          Refusal.of(RefusalReason.UPSTREAM_CLIENT_REFUSED)
              .expected("a readable file with the private key of an App")
              .seen("none so far; the log names the problem"));
    }
    return best(able).isPresent() ? Optional.empty() : Optional.of(limited(able));
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
    GitHubInstallation asked = wanted.terms(GitHubInstallation.class);
    return firstGood(asked, app -> new Exchange(endpoint, wanted, asked, app, limit, deadline))
        .map(outcome -> grants.judged(asked, outcome));
  }

  /** Asks the best App, and others where GitHub refuses that one. */
  private Attempted<Outcome<IssuedToken>> firstGood(
      GitHubInstallation asked, Function<App, Exchange> exchanges) {
    List<App> able = fit(able(asked));
    Attempted<Outcome<IssuedToken>> end = null;
    while (true) {
      Optional<App> best = best(able);
      if (best.isEmpty()) {
        return notSent(able, end);
      }
      App app = best.get();
      end = exchanges.apply(app).make();
      if (!(end instanceof Attempted.Done<Outcome<IssuedToken>>(var outcome))) {
        return end;
      }
      if (!(outcome instanceof Outcome.Refused<IssuedToken>(Refusal why))) {
        states.ends(app.id(), () -> upstream + ": GitHub accepts App " + app.id() + " again");
        return end;
      }
      if (!app.isAside()) {
        return end;
      }
      // Another App may be better, and the refusal of this one says nothing about the others.
      able = able(asked).stream().filter(each -> each != app && !each.isAside()).toList();
      if (able.isEmpty()) {
        return end;
      }
      states.begins(
          app.id(),
          why.reason(),
          () ->
              "%s: GitHub refuses App %s, so another one is used: %s, %s"
                  .formatted(upstream, app.id(), why.reason(), why.seen()));
    }
  }

  /**
   * The end of an attempt where the Apps that are left have reached their limits.
   *
   * @param refused the refusal of another App; null if nothing was sent, which is no success
   */
  private static Attempted<Outcome<IssuedToken>> notSent(
      List<App> able, @Nullable Attempted<Outcome<IssuedToken>> refused) {
    Refusal why = limited(able);
    return refused == null
        ? new Attempted.AttemptFailed<>(Outcome.refused(why), false, why.retryAfter())
        : refused.map(outcome -> outcome.mapRefusal(first -> why.noted(first.notes())));
  }

  /** The Apps with a key that may be used for those permissions. */
  private List<App> able(GitHubInstallation asked) {
    List<App> declared = STICKY.isWithin(asked.permissions()) ? apps.subList(0, 1) : apps;
    return declared.stream().filter(App::hasKey).toList();
  }

  /** The Apps that are not set aside; all where each is. */
  private static List<App> fit(List<App> able) {
    List<App> fit = able.stream().filter(app -> !app.isAside()).toList();
    return fit.isEmpty() ? able : fit;
  }

  /** The App of which GitHub takes the most requests; empty if it takes none of any. */
  private static Optional<App> best(List<App> able) {
    return able.stream()
        .filter(app -> app.untilFree().isZero())
        .max(Comparator.comparingLong(App::remaining));
  }

  /** One attempt by one App. */
  private final class Exchange {

    private final URI base;
    private final Wanted wanted;
    private final GitHubInstallation asked;
    private final App app;
    private final Deadline limit;
    private final Deadline deadline;

    Exchange(
        URI base,
        Wanted wanted,
        GitHubInstallation asked,
        App app,
        Deadline limit,
        Deadline deadline) {
      this.base = base;
      this.wanted = wanted;
      this.asked = asked;
      this.app = app;
      this.limit = limit;
      this.deadline = deadline;
    }

    Attempted<Outcome<IssuedToken>> make() {
      Long known =
          asked.installation() > 0
              ? Long.valueOf(asked.installation())
              : app.installation(asked.owner());
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
      if (!app.beginLookup(limit.remaining())) {
        return error(
            new Answer(
                base,
                new CallFailed(
                    FetchFailure.TIMED_OUT, "another request looks the installation up")));
      }
      Long id;
      try {
        // Another thread may have found it meanwhile.
        id = app.installation(asked.owner());
        if (id == null || id.equals(gone)) {
          app.forgetInstallation();
          Answer found = find("/orgs/");
          if (isGone(found)) {
            found = find("/users/");
          }
          id = id(found.end(), asked.owner());
          if (id == null) {
            return error(found);
          }
          if (id.equals(gone) && answer != null) {
            return error(answer);
          }
          app.installed(asked.owner(), id);
        }
      } finally {
        app.endLookup();
      }
      Instant sent = clock.instant();
      return judge(post(id), sent);
    }

    private Answer find(String kind) {
      String path = kind + asked.owner() + "/installation";
      return noted(api.call(Method.GET, base, path, app.jwt(), Map.of(), limit));
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
      return noted(api.call(Method.POST, base, path, app.jwt(), members, limit));
    }

    private Answer noted(Answer answer) {
      if (answer.end() instanceof CallEnd.Response response) {
        errors.note(response, app);
      }
      return answer;
    }

    private Attempted<Outcome<IssuedToken>> judge(Answer answer, Instant sent) {
      return end(
          answer,
          response ->
              response.status() == 201
                  ? UpstreamFailures.judged(token(response, sent), false, null)
                  : error(response));
    }

    private Outcome<IssuedToken> token(CallEnd.Response response, Instant sent) {
      return InstallationToken.parse(response)
          .then(
              read ->
                  read.granted(asked, sent, response.times().date(), maxLife)
                      .then(granted -> granted.within(wanted, clock.instant()))
                      .mapRefusal(why -> why.note(revoked(read.token()))));
    }

    /** Revokes a token that is not handed out, if GitHub does so at once; says whether it did. */
    private String revoked(String token) {
      CallEnd end = api.call(Method.DELETE, base, REVOCATION, token, Map.of(), limit).end();
      return end instanceof CallEnd.Response response && response.status() == 204
          ? "The token is revoked at GitHub."
          : "The token could not be revoked at GitHub, so it stays valid until it expires.";
    }

    private Attempted<Outcome<IssuedToken>> error(Answer answer) {
      return end(answer, this::error);
    }

    private Attempted<Outcome<IssuedToken>> error(CallEnd.Response response) {
      return errors.judge(response, app, asked, best(fit(able(asked))).isPresent());
    }

    private Attempted<Outcome<IssuedToken>> end(
        Answer answer, Function<CallEnd.Response, Attempted<Outcome<IssuedToken>>> judge) {
      return UpstreamFailures.end(
          answer.end(), GITHUB, answer.uri(), false, deadline, judge, _ -> List.of());
    }
  }

  /** The id of the installation of that account; null if the response describes none. */
  private static @Nullable Long id(CallEnd end, String owner) {
    return end instanceof CallEnd.Response response
            && response.status() == 200
            && PeerJson.object(response.body())
                instanceof Outcome.Accepted<Map<String, Object>>(var members)
            && members.get("id") instanceof Number id
            && (id instanceof Integer || id instanceof Long)
            && id.longValue() > 0
            && members.get("account") instanceof Map<?, ?> account
            && account.get("login") instanceof String login
            && login.equalsIgnoreCase(owner)
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

  @Override
  public boolean mayHaveIssued(String text) {
    return TOKEN.matcher(text).matches();
  }

  private Attempted<Outcome<Boolean>> revoke(
      URI endpoint, String token, Deadline limit, Deadline deadline) {
    Answer answer = api.call(Method.DELETE, endpoint, REVOCATION, token, Map.of(), limit);
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
