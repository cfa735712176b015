package dev.tokenbroker.operate.lint;

import static dev.tokenbroker.operate.lint.ClaimType.BOOLEAN;
import static dev.tokenbroker.operate.lint.ClaimType.LIST;
import static dev.tokenbroker.operate.lint.ClaimType.MAP;
import static dev.tokenbroker.operate.lint.ClaimType.NUMBER;
import static dev.tokenbroker.operate.lint.ClaimType.STRING;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The types of claims in the documentation of known issuers. */
final class KnownTypes {

  private KnownTypes() {}

  /** Returns the types by claim. It has only claims with one type in all credentials. */
  static Map<String, ClaimType> of(KnownIssuer issuer) {
    Map<String, ClaimType> types = new HashMap<>();
    List.of("iss", "sub", "jti").forEach(claim -> types.put(claim, STRING));
    List.of("exp", "iat", "nbf").forEach(claim -> types.put(claim, NUMBER));
    issuer.ids().forEach(claim -> types.put(claim, STRING));
    issuer.names().forEach(claim -> types.put(claim, STRING));
    switch (issuer) {
      case GITHUB ->
          words(
                  """
                  actor actor_id base_ref environment event_name head_ref job_workflow_ref
                  job_workflow_sha ref ref_protected ref_type repository_visibility run_attempt
                  run_id run_number runner_environment sha workflow workflow_sha""")
              .forEach(claim -> types.put(claim, STRING));
      case GITLAB -> {
        words(
                """
                ci_config_ref_uri ci_config_sha environment environment_protected job_id
                pipeline_id pipeline_source project_visibility ref ref_path ref_protected ref_type
                runner_environment sha user_email user_id user_login""")
            .forEach(claim -> types.put(claim, STRING));
        types.put("runner_id", NUMBER);
        types.put("groups_direct", LIST);
      }
      case GOOGLE -> {
        types.put("hd", STRING);
        types.put("email_verified", BOOLEAN);
        types.put("google", MAP);
      }
      case KUBERNETES -> types.put("kubernetes.io", MAP);
      case BUILDKITE, TERRAFORM -> {}
    }
    return types;
  }

  private static List<String> words(String words) {
    return List.of(words.split("\\s+", -1));
  }
}
