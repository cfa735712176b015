package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.evaluate.federation.document.Yaml.Scalar;
import dev.tokenbroker.evaluate.federation.document.Yaml.Sequence;
import dev.tokenbroker.judge.policy.GitHubPermission;
import dev.tokenbroker.judge.policy.Supply;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;

/**
 * Reads what a rule grants of a target with {@code github}: permissions as {@code scopes}, and
 * {@code repositories}. Both are within those of the target, and are those of the target where the
 * rule has none.
 */
final class GitHubTerms {

  private static final String REPOSITORIES = "repositories";

  private final Problems problems;

  GitHubTerms(Problems problems) {
    this.problems = problems;
  }

  /** The permissions as scopes, sorted. */
  List<String> scopes(Fields rule, Supply.GitHub target) {
    if (rule.isEmptyList("scopes")) {
      rule.report(
          "scopes",
          "'scopes' lists none",
          "Give permissions, or remove the key: without it, the rule grants those of the target.");
    }
    List<Scalar> scopes = rule.texts("scopes");
    for (Scalar scope : scopes) {
      Optional<GitHubPermission> permission = GitHubPermission.parse(scope.text());
      if (permission.isEmpty()) {
        problems.at(
            scope.place(),
            "'" + scope.text() + "' is no permission of GitHub with a level",
            "Write it as NAME:LEVEL, such as contents:read; levels are read, write and admin.");
      } else if (!permission.get().isWithin(target.permissions())) {
        problems.at(
            scope.place(),
            "'" + scope.text() + "' is more than the target " + target.upstream() + " has",
            "Remove it, or add it to the permissions of the target, which are "
                + String.join(" ", GitHubPermission.scopes(target.permissions()))
                + ".");
      }
    }
    return scopes.isEmpty()
        ? GitHubPermission.scopes(target.permissions())
        : scopes.stream().map(Scalar::text).sorted().toList();
  }

  /**
   * The repositories as an expression; null where absent or reported.
   *
   * @param target null where it has problems
   */
  @Nullable Scalar repositories(Fields rule, @Nullable Supply target) {
    if (!rule.has(REPOSITORIES)) {
      return null;
    }
    if (target != null && !(target instanceof Supply.GitHub)) {
      rule.report(
          REPOSITORIES,
          "'repositories' has no effect, since the target is none of GitHub",
          "Remove it; only targets with 'github' have repositories.");
      return null;
    }
    if (!rule.is(Sequence.class, REPOSITORIES)) {
      return rule.expression(REPOSITORIES);
    }
    List<Long> ids = GitHubField.ids(rule, problems);
    if (target instanceof Supply.GitHub github && !github.repositories().isEmpty()) {
      ids.stream()
          .filter(id -> !github.repositories().contains(id))
          .forEach(
              id ->
                  rule.report(
                      REPOSITORIES,
                      "the repository " + id + " is none of the target " + github.upstream(),
                      "Remove it, or add it to the repositories of the target."));
    }
    return new Scalar(ids.toString(), ScalarStyle.PLAIN, rule.placeOf(REPOSITORIES));
  }
}
