package dev.tokenbroker.judge.target;

import dev.tokenbroker.judge.expression.ClaimUses;
import dev.tokenbroker.judge.expression.Evaluated;
import dev.tokenbroker.judge.expression.Expression;
import dev.tokenbroker.judge.expression.Facts;
import dev.tokenbroker.judge.expression.SeenValue;
import dev.tokenbroker.judge.expression.StepBudget;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * GitHub issues installation tokens to an App.
 *
 * @param upstream its name, the target's audience
 * @param owner the account whose installation is used; empty where {@code installation} says it
 * @param installation the id of the installation; 0 where it is found by its owner
 * @param repositories ids of the repositories, sorted; empty for all of the installation
 * @param permissions the level of each permission, by name
 */
public record GitHubInstallation(
    String upstream,
    String owner,
    long installation,
    List<Long> repositories,
    Map<String, GitHubPermission.Level> permissions)
    implements Supply.Upstreamed {

  /** How long each of GitHub's tokens lives. */
  public static final Duration LIFE = Duration.ofHours(1);

  public GitHubInstallation {
    repositories = repositories.stream().distinct().sorted().toList();
    permissions = Collections.unmodifiableMap(new TreeMap<>(permissions));
  }

  @Override
  public Presentation presentation() {
    return new Presentation.Nothing();
  }

  @Override
  public Duration fixedLife() {
    return LIFE;
  }

  @Override
  public Renewal renewal() {
    return Renewal.USUAL;
  }

  @Override
  public String description() {
    return "The token is to be for %s, with %s."
        .formatted(
            repositories.isEmpty()
                ? "all repositories of the installation"
                : "the repositories " + repositories,
            String.join(" ", GitHubPermission.scopes(permissions)));
  }

  @Override
  public Optional<ClaimUses> uses() {
    return Optional.empty();
  }

  /** For some of its repositories, by their ids. */
  @Override
  public Evaluated<Supply> of(
      Facts facts, String subject, @Nullable Expression part, StepBudget budget) {
    if (part == null) {
      return new Evaluated.Value<>(this);
    }
    return switch (RepositoryIds.evaluate(part, facts, budget)) {
      case Evaluated.Value<List<Long>>(List<Long> ids) -> of(ids);
      case Evaluated.Missing<List<Long>> missing -> missing.as();
      case Evaluated.Failed<List<Long>> failed -> failed.of("its repositories");
    };
  }

  private Evaluated<Supply> of(List<Long> ids) {
    List<Long> foreign =
        repositories.isEmpty()
            ? List.of()
            : ids.stream().filter(id -> !repositories.contains(id)).toList();
    return foreign.isEmpty()
        ? new Evaluated.Value<>(
            new GitHubInstallation(upstream, owner, installation, ids, permissions))
        : new Evaluated.Failed<>(
            "its repositories hold one that is none of the target", "id " + foreign);
  }

  /** With permissions within its own; with all of them for no scopes. */
  @Override
  public GitHubInstallation within(List<String> scopes) {
    return scopes.isEmpty()
        ? this
        : new GitHubInstallation(
            upstream, owner, installation, repositories, GitHubPermission.of(scopes));
  }

  @Override
  public GitHubInstallation kept() {
    return this;
  }

  /** Evaluates the repositories of a rule: ids of GitHub, which never gives one twice. */
  static final class RepositoryIds {

    /** Claims have ids as text. */
    private static final Pattern ID = Pattern.compile("[1-9][0-9]{0,17}");

    private RepositoryIds() {}

    /** The ids, at least one; a rule without a value for them is never taken to mean all. */
    public static Evaluated<List<Long>> evaluate(
        Expression expression, Facts facts, StepBudget budget) {
      return switch (expression.evaluate(facts, budget)) {
        case Evaluated.Value<Object>(List<?> list) -> ids(list);
        case Evaluated.Value<Object>(Object other) ->
            new Evaluated.Failed<>("are no list", other.getClass().getSimpleName());
        case Evaluated.Missing<Object>(String detail) ->
            new Evaluated.Failed<>("read a claim that is missing", detail);
        case Evaluated.Failed<Object> failed -> failed.as();
      };
    }

    private static Evaluated<List<Long>> ids(List<?> list) {
      if (list.isEmpty() || list.size() > GitHubPermission.MAX_REPOSITORIES) {
        return new Evaluated.Failed<>(
            "are not 1 to " + GitHubPermission.MAX_REPOSITORIES + " ids", list.size() + " ids");
      }
      TreeSet<Long> ids = new TreeSet<>();
      for (Object item : list) {
        Long id = id(item);
        if (id == null) {
          return new Evaluated.Failed<>("hold something that is no id", SeenValue.described(item));
        }
        ids.add(id);
      }
      return new Evaluated.Value<>(List.copyOf(ids));
    }

    private static @Nullable Long id(Object item) {
      return switch (item) {
        case Long number when number > 0 -> number;
        case String text when ID.matcher(text).matches() -> Long.valueOf(text);
        default -> null;
      };
    }
  }
}
