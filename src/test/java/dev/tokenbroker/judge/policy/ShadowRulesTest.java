package dev.tokenbroker.judge.policy;

import static dev.tokenbroker.judge.policy.RuledGrants.ok;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Outcomes;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.ShadowFinding;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.judge.credential.VerifiedIdentities;
import dev.tokenbroker.judge.credential.VerifiedIdentity;
import dev.tokenbroker.judge.expression.Condition;
import dev.tokenbroker.judge.expression.Expressions;
import dev.tokenbroker.judge.policy.Policy.GrantRequest;
import dev.tokenbroker.judge.possession.Binding;
import dev.tokenbroker.judge.possession.BindingDemand;
import dev.tokenbroker.judge.target.Supply;
import dev.tokenbroker.judge.target.Target;
import dev.tokenbroker.process.runtime.TestClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rules with {@code shadow: true}: what is recorded of them, and that they decide nothing. */
class ShadowRulesTest {

  private static final Expressions EXPRESSIONS = new Expressions();
  private static final String COSTLY =
      "!claims.many.all(n, n == 1 && n + 1 == 2 && n + 2 == 3 && n + 3 == 4)";
  private static final VerifiedIdentity IDENTITY =
      VerifiedIdentities.of(
          RuledGrants.ISSUER, Map.of("run", 7L, "many", Collections.nCopies(300, 1L)));

  private final Trail trail = new Trail();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        // condition | subject | scopes | disabled | result
        "true                          | -             | deploy read | false | accepted",
        "claims.run == 7               | \"ci\"        | deploy      | false | accepted",
        "claims.run == 8               | -             | deploy      | false | -",
        "claims.gone == 1              | -             | deploy      | false | -",
        "claims.run.startsWith(\"x\")  | -             | deploy      | false | RULE_EVALUATION_FAILED",
        "1 / (claims.run - 7) == 1     | -             | deploy      | false | RULE_EVALUATION_FAILED",
        "true                          | claims.gone   | deploy      | false | RULE_EVALUATION_FAILED",
        "true                          | claims.run    | deploy      | false | RULE_EVALUATION_FAILED",
        "true                          | -             | read        | false | SCOPE_NOT_GRANTED",
        "true                          | claims.gone   | read        | false | RULE_EVALUATION_FAILED",
        "true                          | -             | deploy      | true  | RULE_DISABLED",
        "false                         | -             | deploy      | true  | -",
      })
  void records_what_it_would_do_and_leaves_the_decision_as_it_is(
      String when,
      @Nullable String subject,
      String scopes,
      boolean disabled,
      @Nullable String result) {
    Rule shadow =
        new Rule("trial", "github", "pay", condition(when), terms(subject, scopes), disabled)
            .inShadow();
    Rule decider = rule("pay", "true", "deploy");
    GrantRequest request = new GrantRequest("pay", Set.of("deploy"), null);
    Trail without = new Trail();
    Grant grant = granted(List.of(decider), request, without);

    assertThat(granted(List.of(shadow, decider), request, trail))
        .usingRecursiveComparison()
        .isEqualTo(grant);
    assertThat(trail.findings())
        .usingRecursiveFieldByFieldElementComparatorIgnoringFields("nanos")
        .isEqualTo(without.findings());
    assertThat(trail.rule()).isEqualTo("pay");
    assertThat(trail.refusal()).isNull();
    assertThat(trail.shadows())
        .extracting(ShadowFinding::text)
        .isEqualTo(result == null ? List.of() : List.of("trial: " + result));
  }

  @Test
  void operators_learn_why_it_does_not_hold() {
    granted(
        List.of(
            shadow("no", "false"), shadow("gone", "claims.gone == 1"), rule("pay", "true", "")));

    assertThat(trail.shadows()).isEmpty();
    assertThat(trail.notes()).hasSize(2);
    assertThat(trail.notes().getFirst()).isEqualTo("shadow rule no does not hold");
    assertThat(trail.notes().getLast())
        .startsWith("shadow rule gone does not hold: ")
        .contains("gone");
  }

  @Test
  void operators_learn_why_it_would_refuse() {
    granted(
        List.of(
            shadow("narrow", "true"),
            shadow("bad", "claims.run.startsWith(\"x\")"),
            rule("pay", "true", "deploy")),
        new GrantRequest("pay", Set.of("deploy"), null),
        trail);

    assertThat(trail.notes())
        .contains(
            "shadow rule narrow would refuse: SCOPE_NOT_GRANTED (expected: no scope; got: deploy)",
            "shadow rule bad would refuse: RULE_EVALUATION_FAILED (expected: a rule that can be"
                + " evaluated; got: rule bad: its condition cannot be evaluated: a claim is not what it is taken for)")
        .anyMatch(note -> note.startsWith("shadow rule bad failed: "));
  }

  @ParameterizedTest
  @CsvSource({
    "DPOP, DPOP_PROOF_REQUIRED",
    "CERTIFICATE, CERTIFICATE_REQUIRED",
    "ANY, DPOP_PROOF_REQUIRED"
  })
  void it_would_refuse_a_token_without_the_key_of_the_target(
      BindingDemand demand, RefusalReason reason) {
    Target bound = new Target("pay", new Supply.Mint(Duration.ofMinutes(5), demand));
    Policy policy =
        Policy.of(List.of(bound), List.of(shadow("trial", "true"), rule("pay", "true", "")));

    assertThat(Outcomes.reason(policy.authorise(IDENTITY, request(), TestClock.START, trail)))
        .isEqualTo(reason);
    assertThat(trail.shadows()).containsExactly(new ShadowFinding("trial", reason));
  }

  @Test
  void it_would_grant_a_token_with_the_key_that_the_target_demands() {
    Target bound = new Target("pay", new Supply.Mint(Duration.ofMinutes(5), BindingDemand.DPOP));
    Policy policy =
        Policy.of(List.of(bound), List.of(shadow("trial", "true"), rule("pay", "true", "")));

    policy.authorise(IDENTITY, request().boundTo(new Binding.Key("jkt")), TestClock.START, trail);

    assertThat(trail.shadows()).containsExactly(new ShadowFinding("trial", null));
  }

  @Test
  void those_after_the_deciding_rule_are_not_tried() {
    granted(List.of(shadow("one", "true"), rule("pay", "true", ""), shadow("two", "true")));

    assertThat(trail.shadows()).containsExactly(new ShadowFinding("one", null));
    assertThat(trail.notes()).isEmpty();
  }

  @Test
  void those_of_another_issuer_or_target_are_not_tried() {
    Rule issuer =
        new Rule("issuer", "gitlab", "pay", condition("true"), terms(null, ""), false).inShadow();
    Rule target =
        new Rule("target", "github", "orders", condition("true"), terms(null, ""), false)
            .inShadow();

    granted(List.of(issuer, target, rule("pay", "true", "")));

    assertThat(trail.shadows()).isEmpty();
    assertThat(trail.notes()).isEmpty();
  }

  @Test
  void a_refusal_by_a_rule_shows_what_shadow_rules_would_do() {
    Rule off = new Rule("off", "github", "pay", condition("true"), terms(null, ""), true);

    assertThat(refusal(List.of(shadow("trial", "true"), off)))
        .isEqualTo(RefusalReason.RULE_DISABLED);
    assertThat(trail.rule()).isEqualTo("off");
    assertThat(trail.shadows()).containsExactly(new ShadowFinding("trial", null));
  }

  @Test
  void no_rule_matches_if_only_hidden_shadow_rules_hold() {
    Rule elsewhere =
        new Rule("elsewhere", "github", "orders", condition("true"), terms(null, ""), false)
            .inShadow();

    assertThat(
            refusal(
                List.of(
                    shadow("trial", "true"),
                    shadow("lower", "subject == \"SOMEBODY\""),
                    shadow("gone", "claims.gone == 1"),
                    elsewhere)))
        .isEqualTo(RefusalReason.NO_RULE_MATCHED);
    assertThat(trail.rule()).isNull();
    assertThat(trail.shadows()).containsExactly(new ShadowFinding("trial", null));
    assertThat(hints()).containsExactly("No rule is for this target.");
  }

  @Test
  void hints_name_only_rules_that_can_decide() {
    assertThat(
            refusal(
                List.of(
                    shadow("first", "claims.gone == 1"),
                    rule("second", "claims.lost == 1", ""),
                    rule("third", "false", ""))))
        .isEqualTo(RefusalReason.NO_RULE_MATCHED);

    assertThat(hints())
        .containsExactly("Rule second reads a claim that this credential does not have.");
  }

  @Test
  void their_steps_are_limited_and_taken_from_no_other_rule() {
    List<Rule> rules = new ArrayList<>();
    IntStream.range(0, 100).forEach(at -> rules.add(shadow("s" + at, COSTLY)));
    IntStream.range(0, 8).forEach(at -> rules.add(rule("r" + at, COSTLY, "")));
    rules.add(rule("pay", "true", ""));

    assertThat(granted(rules).rule()).isEqualTo("pay");

    assertThat(trail.shadows())
        .singleElement()
        .extracting(ShadowFinding::reason)
        .isEqualTo(RefusalReason.RULE_EVALUATION_FAILED);
    assertThat(trail.notes())
        .anyMatch(
            note ->
                note.contains(
                    "is past the 100000 evaluation steps that all shadow rules of one exchange may"
                        + " take together"))
        .anyMatch(
            note ->
                note.endsWith(
                    " and those after it were not tried: the shadow rules before it took 100000"
                        + " evaluation steps"));
  }

  @Test
  void one_with_too_many_steps_does_not_keep_others_from_a_try() {
    granted(
        List.of(
            shadow("endless", "claims.many.all(n, claims.many.all(m, m == n))"),
            shadow("trial", "true"),
            rule("pay", "true", "")));

    assertThat(trail.shadows())
        .containsExactly(
            new ShadowFinding("endless", RefusalReason.RULE_EVALUATION_FAILED),
            new ShadowFinding("trial", null));
  }

  @Test
  void a_verdict_has_32_findings_and_a_note_on_the_first_untried() {
    List<Rule> rules = new ArrayList<>();
    IntStream.range(0, 40).forEach(at -> rules.add(shadow("s" + at, "true")));
    rules.add(rule("pay", "true", ""));

    granted(rules);

    assertThat(trail.shadows()).hasSize(32);
    assertThat(trail.shadows().getLast()).isEqualTo(new ShadowFinding("s31", null));
    assertThat(trail.notes())
        .containsExactly(
            "shadow rule s32 and those after it were not tried: 32 shadow rules before it hold");
  }

  @Test
  void their_notes_leave_room_for_those_of_the_deciding_rules() {
    List<Rule> rules = new ArrayList<>();
    IntStream.range(0, 100).forEach(at -> rules.add(shadow("s" + at, "false")));
    rules.add(rule("no", "false", ""));
    rules.add(rule("pay", "true", ""));

    granted(rules);

    assertThat(trail.notes()).hasSize(9).endsWith("rule no does not hold");
  }

  private Grant granted(List<Rule> rules) {
    return granted(rules, request(), trail);
  }

  private static Grant granted(List<Rule> rules, GrantRequest request, Trail trail) {
    Outcome<Grant> outcome = policy(rules).authorise(IDENTITY, request, TestClock.START, trail);
    return Outcomes.accepted(outcome);
  }

  private RefusalReason refusal(List<Rule> rules) {
    RefusalReason reason =
        Outcomes.reason(policy(rules).authorise(IDENTITY, request(), TestClock.START, trail));
    assertThat(trail.findings()).anyMatch(finding -> finding.result() == Trail.Result.FAILED);
    return reason;
  }

  private List<String> hints() {
    return trail.refusal() == null ? List.of() : trail.refusal().hints();
  }

  private static Policy policy(List<Rule> rules) {
    return Policy.of(
        List.of(
            Target.mint("pay", Duration.ofMinutes(10)), Target.mint("orders", Duration.ofHours(1))),
        rules);
  }

  private static GrantRequest request() {
    return new GrantRequest("pay", Set.of(), null);
  }

  private static Rule shadow(String name, String when) {
    return rule(name, when, "").inShadow();
  }

  private static Rule rule(String name, String when, String scopes) {
    return new Rule(name, "github", "pay", condition(when), terms(null, scopes), false);
  }

  private static Terms terms(@Nullable String subject, String scopes) {
    return new Terms(
        subject == null ? null : ok(EXPRESSIONS.subject(subject)),
        scopes.isEmpty() ? List.of() : List.of(scopes.split(" ", -1)),
        Map.of(),
        false);
  }

  private static Condition condition(String source) {
    return ok(EXPRESSIONS.condition(source));
  }
}
