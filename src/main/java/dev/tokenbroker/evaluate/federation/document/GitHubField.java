package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.evaluate.federation.document.Yaml.Scalar;
import dev.tokenbroker.issue.sts.ClientAuthentication.GitHubApp;
import dev.tokenbroker.issue.sts.ClientAuthentication.GitHubApps;
import dev.tokenbroker.issue.sts.RequestEncoding;
import dev.tokenbroker.issue.sts.UpstreamDefinition;
import dev.tokenbroker.issue.sts.UpstreamGrant;
import dev.tokenbroker.judge.policy.GitHubPermission;
import dev.tokenbroker.judge.policy.GitHubPermission.Level;
import dev.tokenbroker.judge.policy.Supply;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads an installation of a GitHub App, whose tokens a target has: {@code github}. */
final class GitHubField {

  static final String KEY = "github";

  private static final URI GITHUB = URI.create("https://api.github.com");

  private final SecretFiles secrets;
  private final Addresses addresses;
  private final Problems problems;

  GitHubField(SecretFiles secrets, Addresses addresses, Problems problems) {
    this.secrets = secrets;
    this.addresses = addresses;
    this.problems = problems;
  }

  /** What a target says: its supply, and the upstream of its own. */
  record Installation(Supply.GitHub supply, UpstreamDefinition upstream) {}

  /**
   * Null where absent, or where a problem was reported.
   *
   * @param audience that of the target; null where it has problems
   */
  @Nullable Installation read(Fields target, @Nullable String audience) {
    int before = problems.reports();
    Fields fields = target.section(KEY);
    if (fields == null) {
      return null;
    }
    List<GitHubApp> apps = apps(fields);
    String owner = fields.formed("owner");
    String installation = fields.formed("installation");
    if (fields.has("owner") == fields.has("installation")) {
      problems.at(
          fields.place(),
          "'github' needs either 'owner' or 'installation'",
          "Give the account where the App is installed, or else the id of its installation.");
    }
    if (fields.has("apps") && fields.has("installation")) {
      fields.report(
          "installation",
          "'installation' is that of one App, and there are several",
          "Give 'owner' in its place: the broker finds the installation of each App.");
    }
    List<Long> repositories = ids(fields, problems);
    Map<String, Level> permissions = permissions(fields);
    Scalar base = addresses.base(fields, "baseUrl");
    String tls = fields.formed("tls", Form.TLS);
    if (problems.reports() > before || audience == null) {
      return null;
    }
    Supply.GitHub supply =
        new Supply.GitHub(
            audience,
            owner == null ? "" : owner,
            installation == null ? 0 : Long.parseLong(installation),
            repositories,
            permissions);
    UpstreamDefinition upstream =
        new UpstreamDefinition(
            audience,
            null,
            base == null ? GITHUB : URI.create(base.text()),
            Set.of(),
            UpstreamGrant.GITHUB,
            new GitHubApps(apps),
            tls,
            RequestEncoding.FORM,
            null);
    return new Installation(supply, upstream);
  }

  /** The ids of repositories; empty where absent. */
  static List<Long> ids(Fields fields, Problems problems) {
    if (fields.isEmptyList("repositories")) {
      fields.report(
          "repositories",
          "'repositories' lists none",
          "Give ids. Without the key, it is all of the target, or of the installation.");
    }
    return fields.texts("repositories").stream()
        .filter(id -> Form.REPOSITORY.fits(id, problems))
        .map(id -> Long.valueOf(id.text()))
        .toList();
  }

  private List<GitHubApp> apps(Fields fields) {
    List<GitHubApp> apps = new ArrayList<>();
    if (!fields.has("apps")) {
      addApp(fields, apps);
      return apps;
    }
    if (fields.has("app") || fields.has("keyFile") || fields.isEmptyList("apps")) {
      fields.report(
          "apps",
          "'apps' needs an 'app' and a 'keyFile' in each entry, and none beside it",
          "Put all Apps into 'apps'.");
    }
    Shape shape = Shape.FEDERATION.at("targets").at(KEY).at("apps");
    fields
        .mappings("apps")
        .forEach(entry -> addApp(new Fields("an App", entry, shape, problems), apps));
    return apps;
  }

  private void addApp(Fields fields, List<GitHubApp> apps) {
    String id = fields.formed("app", Form.APP);
    Path key = secrets.appKey(fields);
    for (String needed : List.of("app", "keyFile")) {
      if (!fields.has(needed)) {
        fields.lacks(needed, "Give the App's client id or id, and a file with its private key.");
      }
    }
    if (id != null && key != null) {
      apps.add(new GitHubApp(id, key));
    }
  }

  private Map<String, Level> permissions(Fields fields) {
    int before = problems.reports();
    Map<String, Level> permissions =
        fields.named(
            "permissions",
            "a permission",
            "Use GitHub's name for it, in lower case, such as pull_requests.",
            GitHubField::level);
    if (permissions.isEmpty() && problems.reports() == before) {
      fields.lacks("permissions", "Give each permission of the tokens, such as contents: read.");
    }
    return permissions;
  }

  private static @Nullable Level level(Fields values, String name) {
    Scalar level = values.text(name);
    Optional<GitHubPermission> permission =
        level == null ? Optional.empty() : GitHubPermission.parse(name + ":" + level.text());
    if (level != null && permission.isEmpty()) {
      values.report(name, "'" + level.text() + "' is no level", "Use one of read, write, admin.");
    }
    return permission.map(GitHubPermission::level).orElse(null);
  }
}
