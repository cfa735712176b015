package dev.tokenbroker.changes.shape;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The words that a template shows: fixed parts of the claims of usual issuers. All else is masked,
 * so a template contains no text from a credential.
 */
final class TemplateWords {

  /** The text that follows a word of a claim such as {@code repo:acme/app:ref:refs/heads/main}. */
  enum Follows {
    /** Another word, or a value. */
    ANY,
    /** One value. */
    VALUE,
    /** The path of a repository or a file, whose segments may have an id behind an {@code @}. */
    PATH,
    /** One name with any characters, such as a branch. */
    FREE,
    /** Nothing but names, to the end. */
    NAMES
  }

  private static final Map<String, Follows> KEYS = keys();

  /** Segments of paths outside of repositories. */
  private static final Set<String> SEGMENTS =
      Set.of(
          "refs",
          "org",
          "project",
          "user",
          "vcs-origin",
          "vcs-ref",
          "projects",
          "locations",
          "serviceAccounts",
          "workloadIdentityPools",
          "subscriptions",
          "resourcegroups",
          "resourceGroups",
          "providers",
          "Microsoft.ManagedIdentity",
          "userAssignedIdentities",
          "role",
          "assumed-role");

  /** The kinds of references in Git. */
  private static final Set<String> REFS = Set.of("heads", "tags", "pull", "merge-requests");

  private static final Set<String> SCHEMES = Set.of("http", "https", "spiffe", "api");

  private static final Set<String> SPIFFE_SEGMENTS = Set.of("ns", "sa");

  private static final Set<String> CONNECTIONS =
      Set.of("auth0", "google-oauth2", "github", "oauth2", "oidc", "samlp", "waad", "ad", "email");

  private TemplateWords() {}

  private static Map<String, Follows> keys() {
    Map<String, Follows> keys = new HashMap<>();
    put(keys, Follows.NAMES, "serviceaccount");
    put(
        keys,
        Follows.PATH,
        "repo repository project_path namespace_path job_workflow_ref workflow_ref"
            + " ci_config_ref_uri");
    put(
        keys,
        Follows.FREE,
        "ref head_ref base_ref ref_name environment environment_name branch_name workflow"
            + " namespace name");
    put(
        keys,
        Follows.VALUE,
        "organization org project pipeline step commit workspace run_phase owner space stack"
            + " run_type scope actor user user_login repository_owner repository_owner_id"
            + " repository_id repository_visibility runner_environment event_name sha context");
    put(
        keys,
        Follows.ANY,
        "system ref_type branch tag pull_request arn aws aws-cn aws-us-gov iam sts urn oauth");
    return Map.copyOf(keys);
  }

  private static void put(Map<String, Follows> keys, Follows follows, String words) {
    for (String word : words.split(" ", -1)) {
      keys.put(word, follows);
    }
  }

  /** The text that follows a word, or that a claim of this name contains; null for other words. */
  static @Nullable Follows after(String word) {
    return KEYS.get(word);
  }

  static boolean isSegment(String segment) {
    return SEGMENTS.contains(segment);
  }

  static boolean isRefKind(String segment) {
    return REFS.contains(segment);
  }

  static boolean isScheme(String scheme) {
    return SCHEMES.contains(scheme);
  }

  /** Whether it is a part of the path of a SPIFFE ID in Kubernetes. */
  static boolean isSpiffeSegment(String segment) {
    return SPIFFE_SEGMENTS.contains(segment);
  }

  /** Whether it begins a user id of Auth0, such as {@code auth0|5f7c8ec7c33c6c004bbafe82}. */
  static boolean isConnection(String word) {
    return CONNECTIONS.contains(word);
  }

  /** Whether it is behind the {@code @} of the client ids of Auth0. */
  static boolean isDomain(String domain) {
    return domain.equals("clients");
  }
}
