package dev.tokenbroker.operate.lint;

import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** An issuer that many tenants share, with the claims that identify a tenant. */
enum KnownIssuer {
  /** GitHub Actions: github.com, with or without an enterprise, and GitHub Enterprise Server. */
  GITHUB(
      "GitHub Actions",
      "https://token\\.actions\\.githubusercontent\\.com(?:/.*)?|https://[^/]+/_services/token",
      "repository_id repository_owner_id enterprise_id",
      "repository repository_owner enterprise workflow_ref sub",
      "",
      "repo:",
      "@\\d|(?:repository|repository_owner|enterprise)_id:"),
  /** GitLab: gitlab.com, or a host with "gitlab" in its name. */
  GITLAB(
      "GitLab",
      "https://(?:[^/]*[.-])?gitlab[.-][^/]+/?",
      "project_id namespace_id job_project_id job_namespace_id",
      "project_path namespace_path job_project_path job_namespace_path sub",
      "",
      "project_path:",
      "(?:project|namespace)_id:"),
  GOOGLE("Google", "https://accounts\\.google\\.com", "sub azp", "email", "hd google", "", "(?!)"),
  /** Kubernetes service accounts: EKS, GKE, AKS, or a cluster with its own address. */
  KUBERNETES(
      "Kubernetes",
      "https://oidc\\.eks\\..*|https://container\\.googleapis\\.com/.*"
          + "|https://[^/]+\\.oic\\.[^/]*azure\\.com/.*|https://kubernetes\\.default.*",
      "",
      "",
      "sub kubernetes.io",
      "system:serviceaccount:",
      "(?!)"),
  BUILDKITE(
      "Buildkite",
      "https://agent\\.buildkite\\.com",
      "organization_id pipeline_id",
      "organization_slug sub",
      "",
      "organization:",
      "(?:organization|pipeline)_id:"),
  TERRAFORM(
      "HCP Terraform",
      "https://app\\.terraform\\.io",
      "terraform_organization_id terraform_project_id terraform_workspace_id",
      "terraform_organization_name sub",
      "",
      "organization:",
      "(?!)");

  static final String SUB = "sub";

  private final String label;
  private final Pattern url;
  private final String ids;
  private final String names;
  private final String others;
  private final String subjectStart;
  private final Pattern idsInSubject;

  /**
   * @param label its name in messages
   * @param url the values of {@code iss}
   * @param ids the claims with a tenant's id, which the issuer never reassigns
   * @param names the claims with a tenant's name, which another tenant may get later
   * @param others further claims that name a tenant; the issuer has no better ones
   * @param subjectStart the beginning of {@code sub} before the tenant
   * @param idsInSubject a pattern for a tenant's id in {@code sub}
   */
  KnownIssuer(
      String label,
      String url,
      String ids,
      String names,
      String others,
      String subjectStart,
      String idsInSubject) {
    this.label = label;
    this.url = Pattern.compile(url);
    this.ids = ids;
    this.names = names;
    this.others = others;
    this.subjectStart = subjectStart;
    this.idsInSubject = Pattern.compile(idsInSubject);
  }

  /** Returns the known issuer with that value of {@code iss}. */
  static Optional<KnownIssuer> of(String iss) {
    return Arrays.stream(values()).filter(known -> known.url.matcher(iss).matches()).findFirst();
  }

  String label() {
    return label;
  }

  Set<String> ids() {
    return words(ids);
  }

  Set<String> names() {
    return words(names);
  }

  Set<String> others() {
    return words(others);
  }

  String subjectStart() {
    return subjectStart;
  }

  /** Whether this {@code sub}, or part of one, has an id that the issuer never reassigns. */
  boolean hasId(String subject) {
    return idsInSubject.matcher(subject).find();
  }

  /** The best claims that bind a rule to a tenant, for remedies. */
  String bounds() {
    return Arrays.stream((ids.isEmpty() ? others : ids).split(" ", -1))
        .limit(2)
        .collect(Collectors.joining(" or "));
  }

  private static Set<String> words(String words) {
    return words.isEmpty() ? Set.of() : Set.of(words.split(" ", -1));
  }
}
