package dev.tokenbroker.judge.policy;

import static dev.tokenbroker.judge.policy.RuledGrants.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.tokenbroker.base.refusal.Outcomes;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.judge.credential.VerifiedIdentities;
import dev.tokenbroker.judge.credential.VerifiedIdentity;
import dev.tokenbroker.judge.expression.Condition;
import dev.tokenbroker.judge.expression.Expression;
import dev.tokenbroker.judge.expression.Expressions;
import dev.tokenbroker.judge.policy.Policy.GrantRequest;
import dev.tokenbroker.judge.possession.Binding;
import dev.tokenbroker.judge.possession.BindingDemand;
import dev.tokenbroker.judge.possession.PresentedKeys;
import dev.tokenbroker.judge.possession.ProvedKeys;
import dev.tokenbroker.judge.target.Supply;
import dev.tokenbroker.judge.target.Target;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyTest {

  private static final Expressions EXPRESSIONS = new Expressions();
  private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
  private static final Instant EXPIRY = NOW.plusSeconds(300);
  private static final Target PAYMENTS = Target.mint("payments", Duration.ofMinutes(10));
  private static final Target ORDERS = Target.mint("orders", Duration.ofMinutes(5));
  private static final String SUB = "repo:Acme/app:ref:refs/heads/main";

  private Trail trail = new Trail();

  @Test
  void the_first_rule_that_holds_decides() {
    Policy policy =
        policy(
            rule("no", "claims.run == 1", scopes("a")),
            rule("yes", "claims.run == 7", scopes("read", "deploy")),
            rule("late", "true", scopes("all")));
    Grant grant = granted(policy, request());
    assertThat(grant.rule()).isEqualTo("yes");
    assertThat(grant.audience()).isEqualTo("payments");
    assertThat(grant.scopes()).containsExactly("deploy", "read");
    assertThat(grant.subject()).isEqualTo(SUB);
    assertThat(grant.claims()).isEmpty();
    assertThat(grant.lifetime()).isEqualTo(Duration.ofMinutes(10));
    assertThat(grant.notAfter()).isEqualTo(EXPIRY);
    assertThat(trail.rule()).isEqualTo("yes");
    assertThat(trail.notes()).containsExactly("rule no does not hold");
  }

  @Test
  void rules_of_another_issuer_or_target_are_not_asked() {
    Policy policy =
        policy(
            new Rule("other-issuer", "gitlab", "payments", condition("true"), nothing(), false),
            new Rule("other-target", "github", "orders", condition("true"), nothing(), false));
    Refusal refusal = refused(policy, request(), Step.RULE);
    assertThat(refusal.reason()).isEqualTo(RefusalReason.NO_RULE_MATCHED);
    assertThat(refusal.hints())
        .containsExactly(
            "No rule for this target is for the issuer github; its rules name others.",
            "Rule other-target admits this identity to the target orders.");
  }

  @Test
  void a_rule_for_a_client_holds_for_that_client_alone() {
    Policy policy =
        policy(
            rule("ours", "true").by("gateway"),
            rule("reads", "client == \"agent\""),
            rule("not", "client != \"mesh\" && client != \"nobody\""));

    assertThat(granted(policy, request().by("gateway")).client()).isEqualTo("gateway");
    assertThat(granted(policy, request().by("agent")).rule()).isEqualTo("reads");
    Refusal refusal = refused(policy, request().by("mesh"), Step.RULE);
    assertThat(refusal.reason()).isEqualTo(RefusalReason.CLIENT_NOT_ADMITTED);
    assertThat(refusal.hints()).contains("Rule ours admits it for client gateway.");
    assertThat(refused(policy, request(), Step.RULE).reason())
        .isEqualTo(RefusalReason.CLIENT_NOT_ADMITTED);
  }

  @Test
  void a_client_only_rule_is_for_each_issuer_and_keeps_its_place() {
    Policy policy =
        policy(
            new Rule("any", "", "payments", condition("true"), nothing(), false).by("gateway"),
            rule("late", "true"));

    assertThat(granted(policy, request().by("gateway")).rule()).isEqualTo("any");
    assertThat(granted(policy, request()).rule()).isEqualTo("late");
  }

  @Test
  void no_subject_of_an_issuer_begins_as_that_of_a_client() {
    Policy policy =
        policy(rule("forging", "true", terms("\"cli\" + \"ent:gateway\"", Map.of(), false)));

    assertThat(refused(policy, request(), Step.RULE).reason())
        .isEqualTo(RefusalReason.RULE_EVALUATION_FAILED);
  }

  @Test
  void a_rule_on_a_missing_claim_fails_and_operators_learn_of_it() {
    Policy policy = policy(rule("old", "claims.gone == 1"), rule("next", "true"));
    assertThat(granted(policy, request()).rule()).isEqualTo("next");
    assertThat(trail.notes())
        .singleElement()
        .asString()
        .startsWith("rule old does not hold: ")
        .contains("gone");
  }

  @Test
  void callers_are_not_told_which_claim_a_rule_reads() {
    Refusal refusal =
        refused(policy(rule("old", "claims.gone == \"secret\"")), request(), Step.RULE);
    assertThat(refusal.reason()).isEqualTo(RefusalReason.NO_RULE_MATCHED);
    assertThat(refusal.seen()).isEqualTo("sub " + SUB);
    assertThat(refusal.hints())
        .containsExactly("Rule old reads a claim that this credential does not have.");
  }

  @Test
  void a_disabled_rule_that_holds_decides_against_later_rules() {
    Policy policy = policy(disabled("off", "true"), rule("late", "true"));
    Refusal refusal = refused(policy, request(), Step.RULE);
    assertThat(refusal.reason()).isEqualTo(RefusalReason.RULE_DISABLED);
    assertThat(trail.rule()).isEqualTo("off");
  }

  @Test
  void a_disabled_rule_that_does_not_hold_decides_nothing() {
    Policy policy = policy(disabled("off", "false"), rule("late", "true"));
    assertThat(granted(policy, request()).rule()).isEqualTo("late");
  }

  @Test
  void no_identity_passes_a_disabled_rule_by_another_claim_type() {
    Condition suspended = condition("has(claims.groups.suspended) || claims.run.suspended == true");
    Policy policy =
        policy(
            new Rule("off", "github", "payments", suspended, nothing(), true),
            rule("late", "true"));
    assertThat(failure(policy))
        .isEqualTo(
            "rule off: its condition cannot be evaluated: a claim is not what it is taken for");
  }

  @Test
  void a_condition_that_fails_ends_the_evaluation() {
    Policy policy = policy(rule("bad", "claims.run.startsWith(\"x\")"), rule("late", "true"));
    assertThat(failure(policy))
        .isEqualTo(
            "rule bad: its condition cannot be evaluated: a claim is not what it is taken for");
    assertThat(trail.rule()).isEqualTo("bad");
  }

  @Test
  void a_subject_is_made_by_its_expression() {
    Policy policy =
        policy(rule("r", "true", terms("\"ci:\" + claims.repository", Map.of(), false)));
    assertThat(granted(policy, request()).subject()).isEqualTo("ci:Acme/app");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"\"\"", "claims.run", "claims.gone", "claims.long", "\"a\\nb\"", "\"\\u2028\""})
  void a_subject_that_is_not_fit_is_refused(String expression) {
    Policy policy = policy(rule("r", "true", terms(expression, Map.of(), false)));
    assertThat(failure(policy)).startsWith("rule r: its subject ");
  }

  @Test
  void extra_claims_are_json_values() {
    Policy policy =
        policy(
            rule(
                "r",
                "true",
                terms(
                    null,
                    Map.of(
                        "repo", "claims.repository",
                        "run", "claims.run + 1",
                        "groups", "claims.groups",
                        "about", "{\"ci\": true, \"of\": [claims.run, \"x\"]}"),
                    false)));
    assertThat(granted(policy, request()).claims())
        .containsOnly(
            Map.entry("repo", "Acme/app"),
            Map.entry("run", 8L),
            Map.entry("groups", List.of("dev", "ops")),
            Map.entry("about", Map.of("ci", true, "of", List.of(7L, "x"))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "claims.gone",
        "{1: 2}",
        "[null]",
        "[[[[[[[[[[1]]]]]]]]]]",
        "claims.many",
        "[claims.long, claims.long, claims.long, claims.long, claims.long]",
        "claims.run / 0"
      })
  void an_extra_claim_that_is_not_fit_is_refused(String expression) {
    Policy policy = policy(rule("r", "true", terms(null, Map.of("x", expression), false)));
    assertThat(failure(policy)).startsWith("rule r: its claim x ");
  }

  @Test
  void asked_scopes_are_granted_where_the_rule_has_them() {
    Policy policy = policy(rule("r", "true", scopes("a", "b", "c")));
    assertThat(granted(policy, new GrantRequest("payments", Set.of("c", "a"), null)).scopes())
        .containsExactly("a", "c");
  }

  @Test
  void a_scope_that_is_not_granted_is_named() {
    Policy policy = policy(rule("r", "true", scopes("a", "b")), rule("late", "true", scopes("z")));
    Refusal refusal =
        refused(policy, new GrantRequest("payments", Set.of("z", "a", "admin"), null), Step.SCOPES);
    assertThat(refusal.reason()).isEqualTo(RefusalReason.SCOPE_NOT_GRANTED);
    assertThat(refusal.expected()).isEqualTo("a b");
    assertThat(refusal.seen()).isEqualTo("admin z");
  }

  @Test
  void the_lifetime_asked_for_may_only_shorten() {
    Policy policy = policy(rule("r", "true"));
    assertThat(
            granted(policy, new GrantRequest("payments", Set.of(), Duration.ofSeconds(30)))
                .lifetime())
        .isEqualTo(Duration.ofSeconds(30));
    assertThat(
            granted(policy, new GrantRequest("payments", Set.of(), Duration.ofHours(9))).lifetime())
        .isEqualTo(Duration.ofMinutes(10));
  }

  @Test
  void a_token_outlives_its_credential_only_where_the_rule_says_so() {
    Policy policy = policy(rule("r", "true", terms(null, Map.of(), true)));
    assertThat(granted(policy, request()).notAfter()).isNull();
  }

  static Stream<Arguments> bindings() {
    Binding none = Binding.none();
    Binding key = new Binding.Key("jkt");
    Binding certificate = new Binding.Certificate("x5t");
    return Stream.of(
        arguments(BindingDemand.NOTHING, none, null),
        arguments(BindingDemand.NOTHING, key, null),
        arguments(BindingDemand.DPOP, key, null),
        arguments(BindingDemand.DPOP, none, RefusalReason.DPOP_PROOF_REQUIRED),
        arguments(BindingDemand.DPOP, certificate, RefusalReason.DPOP_PROOF_REQUIRED),
        arguments(BindingDemand.CERTIFICATE, certificate, null),
        arguments(BindingDemand.CERTIFICATE, none, RefusalReason.CERTIFICATE_REQUIRED),
        arguments(BindingDemand.CERTIFICATE, key, RefusalReason.CERTIFICATE_REQUIRED),
        arguments(BindingDemand.ANY, key, null),
        arguments(BindingDemand.ANY, certificate, null),
        arguments(BindingDemand.ANY, none, RefusalReason.DPOP_PROOF_REQUIRED));
  }

  @ParameterizedTest
  @MethodSource("bindings")
  void grants_no_token_that_is_not_bound_as_the_target_demands(
      BindingDemand demand, Binding binding, @Nullable RefusalReason reason) {
    Target target = new Target("payments", new Supply.Mint(Duration.ofMinutes(10), demand));
    Policy policy = Policy.of(List.of(target), List.of(rule("r", "true")));
    GrantRequest request = request().boundTo(binding);

    if (reason == null) {
      assertThat(granted(policy, request).binding()).isEqualTo(binding);
    } else {
      Refusal refusal = refused(policy, request, Step.BINDING);
      assertThat(refusal.reason()).isEqualTo(reason);
      assertThat(refusal.expected()).isNotEmpty();
    }
  }

  @Test
  void binds_nothing_without_a_proof_or_for_what_it_does_not_make() {
    ProvedKeys certified = ProvedKeys.ofConnection(PresentedKeys.of("x5t", null));
    Target bound =
        new Target("payments", new Supply.Mint(Duration.ofMinutes(10), BindingDemand.CERTIFICATE));
    Target exchanged = new Target("orders", ExchangeGrants.plain());
    Policy policy = Policy.of(List.of(bound, exchanged), List.of());

    assertThat(policy.binding("payments", certified)).isEqualTo(new Binding.Certificate("x5t"));
    assertThat(policy.binding("payments", ProvedKeys.NONE)).isEqualTo(Binding.none());
    assertThat(policy.binding("orders", certified)).isEqualTo(Binding.none());
    assertThat(policy.binding("unknown", certified)).isEqualTo(Binding.none());
  }

  @Test
  void the_operators_target_is_always_there() {
    Policy policy =
        Policy.of(
            List.of(),
            List.of(
                new Rule("ops", "github", "token-broker", condition("true"), nothing(), false)));
    assertThat(policy.targets()).extracting(Target::audience).containsExactly("token-broker");
    Grant grant = granted(policy, new GrantRequest("token-broker", Set.of(), null));
    assertThat(grant.lifetime()).isEqualTo(Duration.ofMinutes(10));
  }

  @ParameterizedTest
  @ValueSource(strings = {"Payments", "payments/", "PAYMENTS//", " payments"})
  void an_unknown_target_that_is_nearly_one_is_named(String audience) {
    Refusal refusal =
        refused(policy(rule("r", "true")), new GrantRequest(audience, Set.of(), null), Step.TARGET);
    assertThat(refusal.reason()).isEqualTo(RefusalReason.TARGET_UNKNOWN);
    assertThat(refusal.hints())
        .containsExactly(
            "The target payments differs only by letter case, by blanks around it or by trailing"
                + " slashes.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"paymants", "payment", "paymentss", "Paymnets"})
  void an_unknown_target_within_two_edits_of_one_is_asked_for(String audience) {
    Refusal refusal =
        refused(policy(rule("r", "true")), new GrantRequest(audience, Set.of(), null), Step.TARGET);
    assertThat(refusal.hints()).containsExactly("Did you mean the target payments?");
  }

  @Test
  void an_unknown_target_that_is_like_no_other_has_no_hint() {
    Refusal refusal = refused(policy(), new GrantRequest("ledger", Set.of(), null), Step.TARGET);
    assertThat(refusal.reason()).isEqualTo(RefusalReason.TARGET_UNKNOWN);
    assertThat(refusal.hints()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = " | ",
      quoteCharacter = '`',
      textBlock =
          """
          claims.sub == "repo:acme/app:ref:refs/heads/main" | repo:acme@1/app@42:ref:refs/heads/main | GitHub's form without ids
          subject.startsWith("repo:acme/") | repo:acme@1/app@42:environment:prod | GitHub's form without ids
          claims.sub == "repo:acme@1/app@42:ref:refs/heads/main" | repo:acme/app:ref:refs/heads/main | GitHub's form with immutable ids
          claims.sub.startsWith("repo:acme@1/app@42:") | repo:acme/app:pull_request | GitHub's form with immutable ids
          claims.sub == "repo:acme/App:x" | repo:Acme/app:x | other letter case
          claims.sub.startsWith("repo:acme/") | repo:Acme/app:x | lower case
          """)
  void a_subject_in_another_form_is_a_near_miss(String when, String sub, String form) {
    assertThat(hints(when, sub)).contains("Rule r would hold if sub were written in " + form + ".");
  }

  @Test
  void hints_cost_a_bounded_number_of_evaluations() {
    List<Rule> rules = new ArrayList<>();
    Condition never = condition("false");
    for (int i = 0; i < 5_000; i++) {
      rules.add(new Rule("r" + i, "github", "orders", never, nothing(), false));
    }
    rules.add(new Rule("last", "github", "orders", condition("true"), nothing(), false));
    Refusal refusal = refused(Policy.of(List.of(PAYMENTS, ORDERS), rules), request(), Step.RULE);
    assertThat(refusal.hints()).containsExactly("No rule is for this target.");
  }

  @Test
  void hints_of_one_kind_leave_tries_to_the_others() {
    List<Rule> rules = new ArrayList<>();
    Condition never = condition("subject == \"nobody\"");
    for (int i = 0; i < 100; i++) {
      rules.add(rule("r" + i, never));
    }
    rules.add(rule("gone", "claims.gone == 1"));
    rules.add(new Rule("there", "github", "orders", condition("true"), nothing(), false));
    Refusal refusal = refused(Policy.of(List.of(PAYMENTS, ORDERS), rules), request(), Step.RULE);
    assertThat(refusal.hints())
        .containsExactly(
            "Rule gone reads a claim that this credential does not have.",
            "Rule there admits this identity to the target orders.");
  }

  @Test
  void a_subject_written_out_is_found_among_many_rules() {
    List<Rule> rules = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      rules.add(rule("r" + i, "subject == \"repo:acme/app" + i + "\""));
    }
    rules.add(rule("meant", "subject == \"" + SUB.replace("Acme", "acme") + "\""));
    Refusal refusal = refused(Policy.of(List.of(PAYMENTS), rules), request(), Step.RULE);
    assertThat(refusal.hints())
        .containsExactly("Rule meant would hold if sub were written in other letter case.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = " => ",
      quoteCharacter = '`',
      textBlock =
          """
          claims.run == "7" => claims.run == "7": claims.run is the number 7, and a number never equals a text
          claims.run == 8 => claims.run == 8: claims.run is the number 7
          claims.repository == "Acme/app" && claims.run == 8 && claims.gone == 1 => claims.run == 8: claims.run is the number 7
          claims.groups == "dev" => claims.groups == "dev": claims.groups is the list ["dev", "ops"], and a list never equals a text (use in for a list)
          "root" in claims.groups => "root" in claims.groups: claims.groups is the list ["dev", "ops"]
          claims.run in ["6", "7"] => claims.run in ["6", "7"]: claims.run is the number 7, and no element of the list is a number
          claims.run == 8 || claims.repository.startsWith("acme/") => claims.run == 8: claims.run is the number 7, or claims.repository.startsWith("acme/"): claims.repository is the text "Acme/app"
          !(claims.run == 7) => not claims.run == 7: claims.run is the number 7
          claims.run != 7 => claims.run != 7: claims.run is the number 7
          claims.gone == 1 => claims.gone == 1: claims.gone has no value
          has(claims.gone) => has(claims.gone)
          claims.groups.exists(g, g == "root") => a test of the elements of claims.groups: claims.groups is the list ["dev", "ops"]
          """)
  void operators_see_the_comparison_that_failed_with_both_sides(String when, String told) {
    Refusal refusal = refused(policy(rule("r", when)), request(), Step.RULE);
    assertThat(refusal.reason()).isEqualTo(RefusalReason.NO_RULE_MATCHED);
    assertThat(trail.notes()).containsExactly("rule r does not hold: " + told);
  }

  @Test
  void a_long_claim_is_cut_in_what_operators_see() {
    refused(policy(rule("r", "claims.long == \"y\"")), request(), Step.RULE);
    assertThat(trail.notes()).singleElement().asString().hasSizeLessThan(200).contains("xxx…\"");
  }

  @Test
  void callers_see_own_claims_read_by_rules_and_no_rule_constant() {
    Refusal refusal =
        refused(
            policy(
                rule("a", "claims.run == \"secret\" && claims.gone == 1"),
                rule("b", "claims.repository == \"hidden/app\"")),
            request(),
            Step.RULE);
    assertThat(refusal.seen())
        .isEqualTo(
            "sub "
                + SUB
                + ", claims.repository is the text \"Acme/app\", claims.run is the number 7");
    assertThat(refusal.hints().toString()).doesNotContain("secret").doesNotContain("hidden");
  }

  @Test
  void an_explanation_stops_with_the_budget_of_the_exchange() {
    Condition costly = condition("claims.many.exists(n, n == 2 || n + 1 == 3 || n + 2 == 4)");
    List<Rule> rules = new ArrayList<>();
    List<String> notes = List.of();
    while (noneMatched(rules)) {
      notes = trail.notes();
      rules.add(rule("r" + rules.size(), costly));
      trail = new Trail();
    }
    assertThat(notes).isNotEmpty().hasSizeGreaterThan(8).contains("rule r0 does not hold");
  }

  private boolean noneMatched(List<Rule> rules) {
    return refused(Policy.of(List.of(PAYMENTS), rules), request(), Step.RULE).reason()
        == RefusalReason.NO_RULE_MATCHED;
  }

  @Test
  void another_repository_of_the_same_name_is_no_near_miss() {
    assertThat(hints("claims.sub == \"repo:acme@1/app@7:x\"", "repo:acme@1/app@42:x")).isEmpty();
  }

  @Test
  void all_rules_of_one_exchange_share_a_budget_of_steps() {
    Condition costly = condition("!claims.many.all(n, n == 1 && n + 1 == 2 && n + 2 == 3)");
    List<Rule> rules = hundred(costly);
    rules.add(rule("late", "true"));
    Refusal refusal = refused(Policy.of(List.of(PAYMENTS), rules), request(), Step.RULE);
    assertThat(refusal.reason()).isEqualTo(RefusalReason.RULE_EVALUATION_FAILED);
    assertThat(refusal.seen())
        .endsWith(
            "its condition is past the 100000 evaluation steps that all rules of one exchange may"
                + " take together");
  }

  /** Verdicts are kept by the thousand, and a target may have many rules. */
  @Test
  void what_is_noted_of_a_rule_is_one_text_for_all() {
    Policy policy =
        policy(rule("no", "false"), rule("old", "claims.gone == 1"), rule("next", "true"));
    Trail another = new Trail();
    policy.authorise(identity(), request(), NOW, another);
    assertThat(granted(policy, request()).rule()).isEqualTo("next");
    assertThat(trail.notes()).hasSize(2);
    for (int at = 0; at < 2; at++) {
      assertThat(trail.notes().get(at)).isSameAs(another.notes().get(at));
    }
  }

  @Test
  void each_exchange_has_a_budget_of_its_own() {
    Condition costly = condition("claims.many.all(n, n == 1 && n + 1 == 2 && n + 2 == 3)");
    Policy policy = policy(rule("r", costly));
    for (int i = 0; i < 50; i++) {
      assertThat(granted(policy, request()).rule()).isEqualTo("r");
    }
  }

  @Test
  void the_first_rules_that_did_not_hold_are_noted() {
    List<Rule> rules = hundred(condition("false"));
    refused(Policy.of(List.of(PAYMENTS), rules), request(), Step.RULE);
    assertThat(trail.notes())
        .hasSize(32)
        .startsWith("rule r0 does not hold")
        .endsWith("rule r31 does not hold");
  }

  @Test
  void of_two_claims_that_fail_the_first_by_name_is_told() {
    Policy policy =
        policy(
            rule("r", "true", terms(null, Map.of("b", "claims.gone", "a", "claims.lost"), false)));
    assertThat(refused(policy, request(), Step.RULE).seen()).startsWith("rule r: its claim a ");
  }

  private List<String> hints(String when, String sub) {
    Map<String, Object> claims = claims();
    claims.put("sub", sub);
    claims.put("repository_owner_id", "1");
    claims.put("repository_id", "42");
    VerifiedIdentity identity = VerifiedIdentities.of(RuledGrants.ISSUER, claims);
    return Outcomes.refused(
            policy(rule("r", when)).authorise(identity, request(), NOW, new Trail()))
        .hints();
  }

  private Grant granted(Policy policy, GrantRequest request) {
    return Outcomes.accepted(policy.authorise(identity(), request, NOW, trail));
  }

  private Refusal refused(Policy policy, GrantRequest request, Step step) {
    Refusal refusal = Outcomes.refused(policy.authorise(identity(), request, NOW, trail));
    assertThat(trail.failed()).isEqualTo(step);
    return refusal;
  }

  /** What was seen where a rule cannot be evaluated. */
  private String failure(Policy policy) {
    Refusal refusal = refused(policy, request(), Step.RULE);
    assertThat(refusal.reason()).isEqualTo(RefusalReason.RULE_EVALUATION_FAILED);
    return refusal.seen();
  }

  private static GrantRequest request() {
    return new GrantRequest("payments", Set.of(), null);
  }

  private static Policy policy(Rule... rules) {
    return Policy.of(List.of(PAYMENTS, ORDERS), List.of(rules));
  }

  private static Rule rule(String name, String when) {
    return rule(name, when, nothing());
  }

  private static Rule rule(String name, String when, Terms terms) {
    return new Rule(name, "github", "payments", condition(when), terms, false);
  }

  private static Rule rule(String name, Condition when) {
    return new Rule(name, "github", "payments", when, nothing(), false);
  }

  private static List<Rule> hundred(Condition when) {
    return IntStream.range(0, 100)
        .mapToObj(at -> rule("r" + at, when))
        .collect(Collectors.toCollection(ArrayList::new));
  }

  private static Rule disabled(String name, String when) {
    return new Rule(name, "github", "payments", condition(when), nothing(), true);
  }

  private static Terms nothing() {
    return scopes();
  }

  private static Terms scopes(String... scopes) {
    return new Terms(null, List.of(scopes), Map.of(), false);
  }

  private static Terms terms(
      @Nullable String subject, Map<String, String> claims, boolean outlives) {
    Map<String, Expression> compiled = new HashMap<>();
    claims.forEach((name, source) -> compiled.put(name, ok(EXPRESSIONS.claim(source))));
    return new Terms(
        subject == null ? null : ok(EXPRESSIONS.subject(subject)), List.of(), compiled, outlives);
  }

  private static Condition condition(String source) {
    return ok(EXPRESSIONS.condition(source));
  }

  private static VerifiedIdentity identity() {
    return VerifiedIdentities.of(RuledGrants.ISSUER, claims());
  }

  private static Map<String, Object> claims() {
    Map<String, Object> claims = new HashMap<>();
    claims.put("iss", "https://token.actions.githubusercontent.com");
    claims.put("sub", SUB);
    claims.put("exp", EXPIRY.getEpochSecond());
    claims.put("repository", "Acme/app");
    claims.put("run", 7L);
    claims.put("groups", List.of("dev", "ops"));
    claims.put("long", "x".repeat(1000));
    claims.put("many", Collections.nCopies(300, 1L));
    return claims;
  }
}
