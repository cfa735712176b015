package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.base.yaml.Fields;
import dev.tokenbroker.base.yaml.Yaml.Scalar;
import dev.tokenbroker.base.yaml.Yaml.Sequence;
import dev.tokenbroker.evaluate.federation.document.TargetField.PartOfTarget;
import dev.tokenbroker.evaluate.federation.document.TargetField.RuleKeys;
import dev.tokenbroker.judge.target.GitHubInstallation;
import dev.tokenbroker.judge.target.GitHubPermission;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;

/**
 * Reads what a rule grants of a target with {@code github}: permissions as {@code scopes}, and
 * {@code repositories}. Both are within those of the target, and are those of the target where the
 * rule has none.
 */
final class GitHubTerms implements RuleKeys {

  static final String REPOSITORIES = "repositories";

  private final GitHubInstallation target;

  GitHubTerms(GitHubInstallation target) {
    this.target = target;
  }

  /** The permissions as scopes, sorted. */
  @Override
  public List<String> scopes(Fields rule, String audience) {
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
        rule.problems()
            .at(
                scope.place(),
                "'" + scope.text() + "' is no permission of GitHub with a level",
                "Write it as NAME:LEVEL, such as contents:read; levels are read, write and admin.");
      } else if (!permission.get().isWithin(target.permissions())) {
        rule.problems()
            .at(
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

  /** The repositories as an expression. */
  @Override
  public @Nullable PartOfTarget part(Fields rule) {
    if (!rule.has(REPOSITORIES)) {
      return null;
    }
    Scalar text = rule.is(Sequence.class, REPOSITORIES) ? ids(rule) : rule.expression(REPOSITORIES);
    return text == null ? null : new PartOfTarget(REPOSITORIES, text);
  }

  private Scalar ids(Fields rule) {
    List<Long> ids = GitHubField.ids(rule, rule.problems());
    ids.stream()
        .filter(id -> !target.repositories().isEmpty() && !target.repositories().contains(id))
        .forEach(
            id ->
                rule.report(
                    REPOSITORIES,
                    "the repository " + id + " is none of the target " + target.upstream(),
                    "Remove it, or add it to the repositories of the target."));
    return new Scalar(ids.toString(), ScalarStyle.PLAIN, rule.placeOf(REPOSITORIES));
  }
}
