package dev.tokenbroker.judge.policy;

import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Evaluates the repositories of a rule: ids of GitHub, which never gives one twice. */
final class RepositoryIds {

  /** Claims have ids as text. */
  private static final Pattern ID = Pattern.compile("[1-9][0-9]{0,17}");

  private RepositoryIds() {}

  /** The ids, at least one; a rule without a value for them is never taken to mean all. */
  static Evaluated<List<Long>> evaluate(Expression expression, Facts facts, StepBudget budget) {
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
