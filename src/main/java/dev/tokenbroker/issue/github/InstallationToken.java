package dev.tokenbroker.issue.github;

import dev.tokenbroker.base.json.JsonKind;
import dev.tokenbroker.base.json.PeerJson;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.issue.sts.UpstreamToken;
import dev.tokenbroker.judge.possession.TokenType;
import dev.tokenbroker.judge.target.GitHubInstallation;
import dev.tokenbroker.judge.target.GitHubPermission;
import dev.tokenbroker.peers.http.CallEnd;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A response of status 201 to "Create an installation access token for an app", read strictly: it
 * must give exactly what was asked for. The token is opaque: neither its length nor its beginning
 * says anything.
 *
 * @param expiresAt by the clock of GitHub
 * @param scopes the granted permissions
 * @param repositories the ids of the repositories; null if the response lists none
 */
record InstallationToken(
    String token, Instant expiresAt, Set<String> scopes, @Nullable Set<Long> repositories) {

  /** Each token for repositories has it, be it asked for or not. */
  private static final String IMPLIED = "metadata:read";

  /** Fit for an Authorization header. */
  private static final Pattern TOKEN = Pattern.compile("[!-~]{1,16384}");

  private static final Pattern WORD = Pattern.compile("[a-z][a-z0-9_]{0,63}");

  /** The token in a response; or {@code UPSTREAM_ANSWER_MALFORMED}. */
  static Outcome<InstallationToken> parse(CallEnd.Response response) {
    if (!response.mediaType().equals("application/json")) {
      return malformed("another content type than application/json");
    }
    return switch (PeerJson.object(response.body())) {
      case Outcome.Accepted<Map<String, Object>>(var members) -> read(members);
      case Outcome.Refused<Map<String, Object>>(Refusal why) -> malformed(why.seen());
    };
  }

  private static Outcome<InstallationToken> read(Map<String, Object> members) {
    if (!(members.get("token") instanceof String token) || !TOKEN.matcher(token).matches()) {
      return malformed("a token that is " + JsonKind.of(members.get("token")) + " and unfit");
    }
    Instant end = instant(members.get("expires_at"));
    if (end == null) {
      return malformed("no expires_at that is a time");
    }
    Set<String> scopes = scopes(members.get("permissions"));
    if (scopes == null) {
      return malformed("no permissions with levels");
    }
    Set<Long> repositories = ids(members.get("repositories"));
    boolean selected = "selected".equals(members.get("repository_selection"));
    return Outcome.accepted(
        new InstallationToken(token, end, scopes, selected ? repositories : null));
  }

  private static @Nullable Instant instant(@Nullable Object text) {
    try {
      return text instanceof String time ? Instant.parse(time) : null;
    } catch (DateTimeException unreadable) {
      return null;
    }
  }

  private static @Nullable Set<String> scopes(@Nullable Object permissions) {
    if (!(permissions instanceof Map<?, ?> levels)) {
      return null;
    }
    Set<String> scopes = new TreeSet<>();
    for (Map.Entry<?, ?> entry : levels.entrySet()) {
      if (!(entry.getKey() instanceof String name && WORD.matcher(name).matches())
          || !(entry.getValue() instanceof String level && WORD.matcher(level).matches())) {
        return null;
      }
      scopes.add(name + ":" + level);
    }
    return scopes;
  }

  /** The ids of repositories; null if the value is no list of them. */
  private static @Nullable Set<Long> ids(@Nullable Object repositories) {
    if (!(repositories instanceof List<?> list)) {
      return null;
    }
    Set<Long> ids = new TreeSet<>();
    for (Object each : list) {
      if (!(each instanceof Map<?, ?> repository
          && (repository.get("id") instanceof Long || repository.get("id") instanceof Integer))) {
        return null;
      }
      ids.add(((Number) Objects.requireNonNull(repository.get("id"))).longValue());
    }
    return ids;
  }

  /**
   * The token, if GitHub granted what was asked for, no more and no less. It is used for an hour at
   * most, whatever the times in the response say.
   *
   * @param sent a moment before the request was sent
   * @param date the time by GitHub's clock; null if unknown
   * @param maxLife the longest accepted life
   * @return or {@code UPSTREAM_SCOPE_TOO_WIDE}, {@code UPSTREAM_NOT_PERMITTED}, {@code
   *     UPSTREAM_TOKEN_UNUSABLE}
   */
  Outcome<UpstreamToken> granted(
      GitHubInstallation asked, Instant sent, @Nullable Instant date, Duration maxLife) {
    List<String> wanted = GitHubPermission.scopes(asked.permissions());
    Set<String> more = new TreeSet<>(scopes);
    wanted.forEach(more::remove);
    more.remove(IMPLIED);
    if (!more.isEmpty()) {
      return refused(RefusalReason.UPSTREAM_SCOPE_TOO_WIDE, wanted, "also " + more);
    }
    if (!scopes.containsAll(wanted)) {
      return refused(RefusalReason.UPSTREAM_NOT_PERMITTED, wanted, "only " + scopes);
    }
    List<Long> ids = asked.repositories();
    if (!ids.isEmpty() && (repositories == null || !ids.containsAll(repositories))) {
      return refused(
          RefusalReason.UPSTREAM_SCOPE_TOO_WIDE,
          ids,
          repositories == null ? "all, or no list of them" : "repositories " + repositories);
    }
    if (!ids.isEmpty() && !Objects.requireNonNull(repositories).containsAll(ids)) {
      return refused(
          RefusalReason.UPSTREAM_NOT_PERMITTED, ids, "only the repositories " + repositories);
    }
    Duration life = Duration.between(date == null ? sent : date, expiresAt);
    if (life.compareTo(maxLife) > 0) {
      return Outcome.refused(
          Refusal.of(RefusalReason.UPSTREAM_TOKEN_UNUSABLE)
              .expected("a token that lives " + maxLife + " at most")
              .seen("one that lives " + life));
    }
    Instant issueTime = sent.truncatedTo(ChronoUnit.SECONDS);
    return Outcome.accepted(
        new UpstreamToken(
            token,
            issueTime,
            issueTime.plus(
                life.compareTo(GitHubInstallation.LIFE) > 0 ? GitHubInstallation.LIFE : life),
            List.copyOf(scopes),
            IssuedToken.ACCESS_TOKEN,
            TokenType.BEARER));
  }

  private static <T> Outcome<T> refused(RefusalReason reason, List<?> asked, String seen) {
    return Outcome.refused(
        Refusal.of(reason)
            .expected("a token for what was asked for: " + asked)
            .seen(seen)
            .hint(
                "GitHub granted something else than the broker asked for: compare the permissions"
                    + " and repositories of the installation with those of the target."));
  }

  private static <T> Outcome<T> malformed(String seen) {
    return Outcome.refused(
        Refusal.of(RefusalReason.UPSTREAM_ANSWER_MALFORMED)
            .expected("an installation access token of GitHub")
            .seen(seen));
  }

  @Override
  public String toString() {
    return "InstallationToken[expiresAt=" + expiresAt + ", scopes=" + scopes + "]";
  }
}
