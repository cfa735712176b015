package dev.tokenbroker.operate.lint;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Claims that name something by a name which somebody else may get later, and the ids that tell its
 * holders apart. OpenID Connect Core, section 5.7, says so of the claims about people.
 *
 * @param issuer the issuer that signs these claims; null for any issuer
 * @param names the claims with names
 * @param ids the claims with ids; one of them beside a name is enough
 */
record ReusableNames(@Nullable KnownIssuer issuer, List<String> names, List<String> ids) {

  private static final List<ReusableNames> ALL =
      List.of(
          of(KnownIssuer.GITHUB, "repository workflow workflow_ref sub", "repository_id"),
          of(KnownIssuer.GITHUB, "repository_owner", "repository_owner_id repository_id"),
          of(KnownIssuer.GITHUB, "enterprise", "enterprise_id repository_id"),
          of(KnownIssuer.GITHUB, "actor", "actor_id"),
          of(KnownIssuer.GITLAB, "project_path sub", "project_id"),
          of(KnownIssuer.GITLAB, "namespace_path", "namespace_id project_id"),
          of(KnownIssuer.GITLAB, "job_project_path job_namespace_path", "job_project_id"),
          of(KnownIssuer.GITLAB, "user_login user_email", "user_id"),
          of(KnownIssuer.BUILDKITE, "pipeline_slug organization_slug sub", "pipeline_id"),
          of(KnownIssuer.TERRAFORM, "terraform_workspace_name sub", "terraform_workspace_id"),
          of(KnownIssuer.TERRAFORM, "terraform_project_name", "terraform_project_id"),
          of(KnownIssuer.TERRAFORM, "terraform_organization_name", "terraform_organization_id"),
          of(null, "email preferred_username upn unique_name nickname name", "sub oid"),
          of(null, "oidc.circleci.com/vcs-origin", "oidc.circleci.com/project-id"));

  /** A name and the id that is better. */
  record Found(String name, String id) {}

  private static ReusableNames of(@Nullable KnownIssuer issuer, String names, String ids) {
    return new ReusableNames(issuer, List.of(names.split(" ", -1)), List.of(ids.split(" ", -1)));
  }

  /** Finds a name among the claims of a subject that no id stands beside. */
  static Optional<Found> in(Set<String> claims, @Nullable KnownIssuer known) {
    return ALL.stream()
        .filter(entry -> entry.issuer == null || entry.issuer == known)
        .filter(entry -> entry.ids.stream().noneMatch(claims::contains))
        .flatMap(
            entry ->
                entry.names.stream()
                    .filter(claims::contains)
                    .map(name -> new Found(name, entry.ids.getFirst())))
        .findFirst();
  }
}
