package dev.tokenbroker.drill;

import java.util.List;
import java.util.Map;

/** Rules that do not hold, or cannot be evaluated. */
final class RuleFaults {

  private static final String READ = "scopes: [read]";

  private RuleFaults() {}

  static List<Fault> all() {
    return List.of(
        rule("a text that became a number", "claims.repository_id == \"42\"", "repository_id", 42)
            .seen("repository_id == \"42\"", "is the number 42", "a number never equals a text")
            .told("repository_id"),
        rule("a number that became a text", "claims.namespace_id == 72", "namespace_id", "72")
            .seen("namespace_id == 72", "a text")
            .told("namespace_id"),
        rule(
                "a text that became a list",
                "claims.roles == \"deployer\"",
                "roles",
                List.of("deployer"))
            .seen("roles", "list"),
        rule("a flag that became a text", "claims.protected == true", "protected", "true")
            .seen("protected", "a text"),
        rule(
                "a claim of another value",
                "claims.ref == \"refs/heads/release\"",
                "ref",
                "refs/heads/feature")
            .seen("refs/heads/release")
            .told("refs/heads/feature")
            .hidden("heads/release"),
        rule("a claim that is missing", "claims.environment == \"prod\"", "other", "x")
            .seen("environment"),
        rule(
                "the second of two comparisons",
                "claims.sub != \"\" && claims.env == \"prod\"",
                "env",
                "stage")
            .seen("claims.env == \"prod\"")
            .told("stage"),
        rule(
                "both alternatives",
                "claims.env == \"prod\" || claims.env == \"test\"",
                "env",
                "stage")
            .seen("claims.env == \"prod\"", "claims.env == \"test\""),
        rule(
                "a claim inside another",
                "claims[\"kubernetes.io\"].namespace == \"prod\"",
                "kubernetes.io",
                Map.of("namespace", "stage"))
            .seen("prod")
            .told("kubernetes.io", "stage"),
        rule(
                "a subject in the immutable form of GitHub",
                "claims.sub == \"repo:acme/payments:ref:refs/heads/main\"",
                "sub",
                "repo:acme@1/payments@42:ref:refs/heads/main")
            .told("repo:acme@1/payments@42:ref:refs/heads/main"),
        Fault.of(
                "a rule that is disabled",
                scene -> scene.target("lifetime: 5m", "true", "disabled: true, " + READ))
            .operator("RULE_DISABLED")
            .alert(Fault.NO_ALERT)
            .remedy("disabled: true"),
        Fault.of(
                "a subject that cannot be made",
                scene ->
                    scene.target(
                        "lifetime: 5m", "true", "subject: 'claims.missing + \"x\"', " + READ))
            .operator("RULE_EVALUATION_FAILED")
            .seen("missing")
            .remedy("Mend the expression"),
        Fault.of(
                "a target without a rule for the issuer",
                scene -> {
                  scene.issuer();
                  scene.target("lifetime: 5m", "true", READ);
                })
            .caller("NO_RULE_MATCHED"));
  }

  private static Fault rule(String name, String when, String claim, Object value) {
    return Fault.of(
            "a rule on " + name,
            scene ->
                scene
                    .target("lifetime: 5m", when, READ)
                    .with(() -> scene.stage().good().credential().claim(claim, value).sign()))
        .caller("NO_RULE_MATCHED")
        .remedy("Compare the credential's claims");
  }
}
