package dev.tokenbroker.judge.target;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A permission of GitHub at a level; as a scope it is {@code NAME:LEVEL}, such as {@code
 * contents:read}.
 */
public record GitHubPermission(String name, Level level) {

  /**
   * The most repositories of one token. GitHub describes each by some KiB in its response, which
   * must stay within what the broker reads.
   */
  public static final int MAX_REPOSITORIES = 32;

  private static final Pattern SCOPE = Pattern.compile("([a-z][a-z0-9_]{0,63}):(read|write|admin)");

  /** The levels of a permission. Each includes the one before. */
  public enum Level {
    READ,
    WRITE,
    ADMIN;

    /** The word for it in documents, scopes and requests. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** The permission that a scope stands for; empty where it has another form. */
  public static Optional<GitHubPermission> parse(String scope) {
    Matcher parts = SCOPE.matcher(scope);
    return parts.matches()
        ? Optional.of(
            new GitHubPermission(
                parts.group(1), Level.valueOf(parts.group(2).toUpperCase(Locale.ROOT))))
        : Optional.empty();
  }

  /** The scope of it. */
  public String scope() {
    return name + ":" + level.label();
  }

  /** Whether one of those permissions includes it. */
  public boolean isWithin(Map<String, Level> permissions) {
    Level most = permissions.get(name);
    return most != null && level.compareTo(most) <= 0;
  }

  /** The permissions of scopes, each at the highest level that a scope gives it. */
  static Map<String, Level> of(List<String> scopes) {
    Map<String, Level> permissions = new TreeMap<>();
    for (String scope : scopes) {
      GitHubPermission each = parse(scope).orElseThrow();
      permissions.merge(
          each.name, each.level, (one, other) -> one.compareTo(other) > 0 ? one : other);
    }
    return permissions;
  }

  /** The scopes of permissions, sorted. */
  public static List<String> scopes(Map<String, Level> permissions) {
    return permissions.entrySet().stream()
        .map(entry -> new GitHubPermission(entry.getKey(), entry.getValue()).scope())
        .sorted()
        .toList();
  }
}
