package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.base.yaml.Fields;
import dev.tokenbroker.base.yaml.Problems;
import dev.tokenbroker.base.yaml.Shape;
import dev.tokenbroker.base.yaml.Yaml.Scalar;
import dev.tokenbroker.issue.github.AppKeyFile;
import dev.tokenbroker.issue.github.GitHubKind;
import dev.tokenbroker.issue.github.GitHubKind.DeclaredApp;
import dev.tokenbroker.issue.sts.UpstreamDefinition;
import dev.tokenbroker.judge.target.GitHubInstallation;
import dev.tokenbroker.judge.target.GitHubPermission;
import dev.tokenbroker.judge.target.GitHubPermission.Level;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads an installation of a GitHub App, whose tokens a target has: {@code github}. */
final class GitHubField implements TargetField {

  static final String KEY = "github";

  private static final URI GITHUB = URI.create("https://api.github.com");

  private static final String KEY_REMEDY =
      "Give the path of the file with the App's private key, as GitHub made it: PEM, RSA of at"
          + " least 2048 bits; relative paths begin at the document's directory.";

  @Override
  public String key() {
    return KEY;
  }

  @Override
  public void refuse(Fields rule) {
    if (rule.has(GitHubTerms.REPOSITORIES)) {
      rule.report(
          GitHubTerms.REPOSITORIES,
          "'repositories' has no effect, since the target is none of GitHub",
          "Remove it; only targets with 'github' have repositories.");
    }
  }

  @Override
  public @Nullable DeclaredTarget read(Fields fields, @Nullable String audience, Reading reading) {
    Problems problems = reading.problems();
    int before = problems.reports();
    List<DeclaredApp> apps = apps(fields, reading);
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
    Map<String, Level> permissions = permissions(fields, problems);
    Scalar base = reading.upstreams().addresses().base(fields, "baseUrl");
    String tls = Form.TLS.of(fields, "tls");
    if (problems.reports() > before || audience == null) {
      return null;
    }
    GitHubInstallation target =
        new GitHubInstallation(
            audience,
            owner == null ? "" : owner,
            installation == null ? 0 : Long.parseLong(installation),
            repositories,
            permissions);
    URI address = base == null ? GITHUB : URI.create(base.text());
    return new DeclaredTarget(
        this,
        target,
        UpstreamDefinition.ofTarget(audience, address, new GitHubKind(apps), tls),
        new GitHubTerms(target));
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

  private static List<DeclaredApp> apps(Fields fields, Reading reading) {
    List<DeclaredApp> apps = new ArrayList<>();
    if (!fields.has("apps")) {
      addApp(fields, apps, reading);
      return apps;
    }
    if (fields.has("app") || fields.has("keyFile") || fields.isEmptyList("apps")) {
      fields.report(
          "apps",
          "'apps' needs an 'app' and a 'keyFile' in each entry, and none beside it",
          "Put all Apps into 'apps'.");
    }
    Shape shape = DocumentReader.SHAPE.at("targets").at(KEY).at("apps");
    fields
        .mappings("apps")
        .forEach(
            entry -> addApp(new Fields("an App", entry, shape, reading.problems()), apps, reading));
    return apps;
  }

  private static void addApp(Fields fields, List<DeclaredApp> apps, Reading reading) {
    String id = Form.APP.of(fields, "app");
    Path key = reading.secrets().read(fields, "keyFile", AppKeyFile::fault, KEY_REMEDY);
    for (String needed : List.of("app", "keyFile")) {
      if (!fields.has(needed)) {
        fields.lacks(needed, "Give the App's client id or id, and a file with its private key.");
      }
    }
    if (id != null && key != null) {
      apps.add(new DeclaredApp(id, key));
    }
  }

  private static Map<String, Level> permissions(Fields fields, Problems problems) {
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
