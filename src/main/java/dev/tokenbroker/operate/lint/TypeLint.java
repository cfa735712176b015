package dev.tokenbroker.operate.lint;

import static dev.tokenbroker.operate.lint.TypeLint.ClaimType.NUMBER;
import static dev.tokenbroker.operate.lint.TypeLint.ClaimType.STRING;

import dev.tokenbroker.judge.policy.ClaimPath;
import dev.tokenbroker.judge.policy.ClaimTest;
import dev.tokenbroker.judge.policy.Conjunct;
import dev.tokenbroker.judge.policy.TextMatch;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds comparisons of a claim with a constant of a type that this claim never has. */
final class TypeLint {

  private final Map<String, Map<String, Set<ClaimType>>> seen;
  private final Findings findings;

  /**
   * @param seen further types, found in credentials, by the name of the issuer and by claim
   */
  TypeLint(Map<String, Map<String, Set<ClaimType>>> seen, Findings findings) {
    this.seen = seen;
    this.findings = findings;
  }

  void look(LintedRule linted) {
    for (Conjunct part : linted.shape().parts()) {
      switch (part.test()) {
        case ClaimTest.Is(ClaimPath claim, List<Object> values) ->
            values.forEach(value -> look(linted, part, claim, ClaimType.of(value)));
        case ClaimTest.Matches(ClaimPath claim, TextMatch _) ->
            look(linted, part, claim, ClaimType.STRING);
        case ClaimTest.Ordered(ClaimPath claim, Object value) ->
            look(linted, part, claim, ClaimType.of(value));
        case ClaimTest.Present _, ClaimTest.Same _, ClaimTest.Other _ -> {}
      }
    }
  }

  private void look(LintedRule linted, Conjunct part, ClaimPath claim, ClaimType constant) {
    Set<ClaimType> types = types(linted, claim);
    if (types.isEmpty() || types.contains(constant)) {
      return;
    }
    String having = types.stream().map(ClaimType::described).collect(Collectors.joining(" or "));
    findings.add(
        LintCode.TYPE_NEVER_MATCHES,
        linted.rule(),
        "when",
        "the rule %s compares %s, which is %s, with %s: %s"
            .formatted(
                linted.name(), claim, having, constant.described(), Findings.cut(part.toString())),
        "Compare it with " + having + (types.contains(ClaimType.STRING) ? ", in quotes." : "."));
  }

  /** Returns the types that a claim may have; empty if none is known. */
  private Set<ClaimType> types(LintedRule linted, ClaimPath claim) {
    Set<ClaimType> types = EnumSet.noneOf(ClaimType.class);
    String name = String.join("/", claim.names());
    ClaimType fixed = KnownTypes.of(linted.known(), linted.issuer().issuer()).get(name);
    if (fixed != null) {
      types.add(fixed);
    }
    types.addAll(seen.getOrDefault(linted.issuer().name(), Map.of()).getOrDefault(name, Set.of()));
    return types;
  }

  /** The types of claims in the documentation of known issuers. */
  static final class KnownTypes {

    /** The known issuer or a pattern of its {@code iss}, a type, and the claims of that type. */
    private static final String LINES =
        """
        GITHUB STRING actor actor_id base_ref check_run_id environment event_name head_ref \
        job_workflow_ref job_workflow_sha ref ref_protected ref_type repository_visibility \
        run_attempt run_id run_number runner_environment sha workflow workflow_sha
        GITLAB STRING ci_config_ref_uri ci_config_sha environment environment_protected job_id \
        pipeline_id pipeline_source project_visibility ref ref_path ref_protected ref_type \
        runner_environment sha user_access_level user_email user_id user_login
        GITLAB NUMBER runner_id
        GITLAB LIST groups_direct
        GOOGLE STRING hd locale name picture given_name family_name
        GOOGLE BOOLEAN email_verified
        GOOGLE MAP google
        KUBERNETES MAP kubernetes.io kubernetes.io/serviceaccount kubernetes.io/pod \
        kubernetes.io/node
        KUBERNETES STRING kubernetes.io/namespace kubernetes.io/serviceaccount/name \
        kubernetes.io/serviceaccount/uid kubernetes.io/pod/name kubernetes.io/pod/uid \
        kubernetes.io/node/name kubernetes.io/node/uid
        KUBERNETES NUMBER kubernetes.io/warnafter
        KUBERNETES LIST aud
        BUILDKITE STRING agent_id build_branch build_commit build_source cluster_id cluster_name \
        job_id pipeline_slug queue_id queue_key runner_environment
        BUILDKITE NUMBER build_number
        TERRAFORM STRING terraform_full_workspace terraform_project_name terraform_run_id \
        terraform_run_phase terraform_workspace_name
        https://oidc\\.circleci\\.com/org/.+ STRING oidc.circleci.com/org-id \
        oidc.circleci.com/project-id oidc.circleci.com/vcs-origin oidc.circleci.com/vcs-ref
        https://oidc\\.circleci\\.com/org/.+ LIST oidc.circleci.com/context-ids
        https://oidc\\.circleci\\.com/org/.+ BOOLEAN oidc.circleci.com/ssh-rerun
        https://(login\\.microsoftonline\\.com|sts\\.windows\\.net)/.+ STRING appid appidacr azp \
        azpacr email idtyp name oid preferred_username scp tid unique_name upn uti ver \
        xms_mirid
        https://(login\\.microsoftonline\\.com|sts\\.windows\\.net)/.+ LIST groups roles \
        wids
        https://.+\\.tokens\\.sts\\.global\\.api\\.aws MAP https://sts.amazonaws.com/
        https://.+\\.tokens\\.sts\\.global\\.api\\.aws STRING \
        https://sts.amazonaws.com//aws_account https://sts.amazonaws.com//org_id \
        https://sts.amazonaws.com//source_region
        https://api\\.bitbucket\\.org/.+ STRING branchName deploymentEnvironmentUuid pipelineUuid \
        repositoryUuid stepUuid workspaceUuid
        https://oidc\\.vercel\\.com.* STRING environment owner owner_id project project_id
        https://oidc\\.fly\\.io/.+ STRING app_id app_name image image_digest machine_id \
        machine_name machine_version org_id org_name region
        https://vstoken\\.dev\\.azure\\.com/.+ STRING def_id org_id prj_id rpo_id rpo_ref rpo_uri \
        rpo_ver run_id""";

    private KnownTypes() {}

    /** Returns the types by claim, those of members as {@code kubernetes.io/namespace}. */
    static Map<String, ClaimType> of(@Nullable KnownIssuer known, String iss) {
      Map<String, ClaimType> types = new HashMap<>();
      put(types, STRING, "iss sub jti");
      put(types, NUMBER, "exp iat nbf auth_time");
      if (known != null) {
        known.ids().forEach(claim -> types.put(claim, STRING));
        known.names().forEach(claim -> types.put(claim, STRING));
      }
      LINES
          .lines()
          .map(line -> line.split(" ", 3))
          .filter(line -> iss.matches(line[0]) || (known != null && line[0].equals(known.name())))
          .forEach(line -> put(types, ClaimType.valueOf(line[1]), line[2]));
      return types;
    }

    private static void put(Map<String, ClaimType> types, ClaimType type, String claims) {
      List.of(claims.split(" ", -1)).forEach(claim -> types.put(claim, type));
    }
  }

  /** The types that a claim may have in JSON. */
  public enum ClaimType {
    STRING,
    NUMBER,
    BOOLEAN,
    LIST,
    MAP;

    /** The type of a claim's value, or of a constant in a condition. */
    public static ClaimType of(Object value) {
      return switch (value) {
        case String _ -> STRING;
        case Number _ -> NUMBER;
        case Boolean _ -> BOOLEAN;
        case List<?> _ -> LIST;
        case Map<?, ?> _ -> MAP;
        default -> throw new IllegalArgumentException("no JSON value: " + value.getClass());
      };
    }

    /** The name with an article, for messages. */
    String described() {
      return "a " + name().toLowerCase(Locale.ROOT);
    }
  }
}
