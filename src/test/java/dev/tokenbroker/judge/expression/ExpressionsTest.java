package dev.tokenbroker.judge.expression;

import static dev.tokenbroker.judge.policy.RuledGrants.ok;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExpressionsTest {

  private static final Expressions EXPRESSIONS = new Expressions();

  private static final Map<String, Object> CLAIMS =
      Map.of(
          "repository",
          "acme/app",
          "repository_id",
          "42",
          "run",
          7L,
          "big",
          9_007_199_254_740_993L,
          "ratio",
          0.5,
          "admin",
          true,
          "groups",
          List.of("dev", "ops"),
          "nested",
          Map.of("kind", Map.of("name", "pod")),
          "holes",
          holes(),
          "many",
          IntStream.range(0, 200).mapToObj(Long::valueOf).toList());

  private static final Evaluated<Boolean> TOO_MANY_STEPS =
      new Evaluated.Failed<>("takes more than 10000 evaluation steps", "");
  private static final Facts FACTS = new Facts("github", "repo:acme/app", "payments", null, CLAIMS);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "true",
        "claims.repository_id == \"42\" && claims.repository.startsWith(\"acme/\")",
        "claims[\"repository\"] == \"acme/app\"",
        "claims.run == 7 && claims.run > 6",
        "claims.big == 9007199254740993",
        "claims.ratio < 1.0",
        "claims.run != \"7\"",
        "claims.admin == true",
        "\"ops\" in claims.groups",
        "claims.groups.exists(g, g == \"ops\") && claims.groups.all(g, size(g) == 3)",
        "claims.groups.filter(g, g != \"dev\") == [\"ops\"]",
        "has(claims.nested.kind) && !has(claims.nothing)",
        "claims.nested.kind.name == \"pod\"",
        "claims.repository.matches(\"^acme/[a-z]+$\")",
        "claims.repository.matches('(?P<owner>acme)/')",
        "issuer == \"github\" && subject == \"repo:acme/app\" && audience == \"payments\"",
        "has(claims.nothing) ? claims.nothing == 1 : true",
        "timestamp(\"2026-01-01T00:00:00Z\") < timestamp(\"2027-01-01T00:00:00Z\")",
      })
  void conditions_that_hold(String source) {
    assertThat(evaluated(source)).isEqualTo(new Evaluated.Value<>(true));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "claims.nothing == \"x\"",
        "claims[\"nothing\"] == \"x\"",
        "claims.nested.other.name == \"pod\"",
        "claims.groups[5] == \"dev\"",
        "!(claims.nothing == \"x\")",
        "has(claims.nothing.kind)",
        "claims.nested[\"other\"] == 1",
        "claims[\"nested\"][\"kind\"][\"other\"] == 1",
        "claims.groups[claims.run] == \"dev\"",
        "claims.nothing == 1 || claims[\"gone\"] == 1 || claims.groups[9] == \"dev\"",
        "claims.groups.exists(g, g == claims.nothing)",
        "claims.groups.all(g, g == claims.nothing)",
        "claims.groups.exists_one(g, g == claims.nothing)",
        "claims.groups.filter(g, g == claims.nothing) == []",
        "claims.groups.map(g, claims.nothing) == []",
        "{\"a\": claims.nothing} == {\"a\": 1}",
        "claims.nothing ? true : false",
        "claims.nothing == 1 || (claims.admin == false && claims.groups == [\"x\"])",
      })
  void a_condition_that_reads_a_missing_claim_is_told_apart(String source) {
    assertThat(evaluated(source)).isInstanceOf(Evaluated.Missing.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "claims.run.startsWith(\"7\")",
        "claims.run / 0 == 1",
        "claims.big * claims.big == 1",
        "timestamp(claims.repository) < timestamp(\"2026-01-01T00:00:00Z\")",
        "claims.groups < 5",
      })
  void a_condition_that_errs_otherwise_fails(String source) {
    assertThat(evaluated(source)).isInstanceOf(Evaluated.Failed.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "claims.repository.owner == \"acme\"",
        "has(claims.repository.owner) && claims.repository.owner == \"acme\"",
        "!has(claims.run.attempt)",
        "claims.run.attempt == 1",
        "claims.admin.since == 1",
        "claims.ratio.of == 1",
        "claims.groups.dev == true",
        "has(claims.groups.dev)",
        "claims.holes[0].kind == 1",
        "has(claims.holes[0].kind)",
        "claims.nested.kind.name.first == \"pod\"",
        "claims[\"nested\"].kind[\"name\"].first == \"pod\"",
        "claims.repository[\"owner\"] == \"acme\"",
        "claims.repository[0] == \"a\"",
        "claims.run[\"attempt\"] == 1",
        "claims.groups[\"dev\"] == true",
        "claims.groups.exists(g, g.name == \"dev\")",
        "claims.groups.all(g, has(g.name))",
        "claims.repository.exists(c, c == \"a\")",
        "\"a\" in claims.repository",
      })
  void a_claim_of_another_type_is_no_missing_claim(String source) {
    assertThat(evaluated(source)).isInstanceOf(Evaluated.Failed.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "claims.nothing == 1 || claims.repository.owner == \"acme\"",
        "claims.repository.owner == \"acme\" || claims.nothing == 1",
        "claims.nothing == 1 || has(claims.repository.owner)",
        "claims.nothing == 1 || claims.run.startsWith(\"7\")",
        "claims.nothing == 1 || claims.repository[\"owner\"] == \"acme\"",
        "claims.nothing == 1 || claims.repository.exists(c, c == \"a\")",
        "claims.nothing == 1 || claims.repository",
        "claims.repository || claims.nothing == 1",
        "claims.nothing == 1 && claims.repository",
        "claims.nothing == 1 || !claims.repository",
        "claims.nothing == 1 || claims.groups[\"dev\"] == true",
        "claims.nothing == 1 || [1].map(n, claims.run.attempt) == [1]",
        "claims.nothing == 1 || (claims.repository ? true : false)",
        "claims.nothing == 1 && claims.run / 0 == 1",
        "claims.groups.exists(g, g == claims.nothing || g.name == \"dev\")",
        "claims.nothing == 1 || claims.many.all(a, claims.many.all(b, true))",
        "claims.nothing == 1 || claims.many.map(a, claims.many.map(b, b)) == []",
      })
  void a_missing_claim_hides_no_other_failure(String source) {
    assertThat(evaluated(source)).isInstanceOf(Evaluated.Failed.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "claims.repository.owner == \"acme\" || true",
        "!(claims.run.startsWith(\"7\") && false)",
        "[\"dev\", 7].exists(g, g.startsWith(\"d\"))",
      })
  void a_failure_that_decides_nothing_is_none(String source) {
    assertThat(holds(source)).isTrue();
  }

  @Test
  void the_step_limit_holds_even_if_an_operator_absorbs_errors() {
    String costly =
        "claims.many.exists(a, claims.groups.exists(b, "
            + IntStream.range(0, 40)
                .mapToObj(i -> "a == " + (-1 - i))
                .collect(Collectors.joining(" || "))
            + "))";

    assertThat(evaluated(costly)).isEqualTo(TOO_MANY_STEPS);
    assertThat(evaluated(costly + " || true")).isInstanceOf(Evaluated.Failed.class);
    assertThat(evaluated("!(" + costly + " && false)")).isInstanceOf(Evaluated.Failed.class);
  }

  /** Each level doubles what the one within it made, up to a billion. */
  @ParameterizedTest
  @ValueSource(strings = {"\"x\"", "b\"x\"", "[1]"})
  void what_an_expression_makes_counts_by_its_size(String seed) {
    String doubled = "[" + seed + "]";
    for (int level = 0; level < 30; level++) {
      doubled += ".map(x, x + x)";
    }
    assertThat(evaluated("size(" + doubled + "[0]) > 0")).isEqualTo(TOO_MANY_STEPS);
  }

  @Test
  void output_of_an_expression_costs_a_step_per_hundred_characters() {
    Condition condition = condition("claims.hundred + claims.hundred == \"\"");
    Facts facts = facts("hundred", "x".repeat(100));
    StepBudget budget = StepBudget.ofRules();
    // Two claims of two steps each, the sum with two more for its characters, "" and the
    // comparison.
    for (int i = 0; i < StepBudget.MAX_STEPS - 9; i++) {
      budget.take(1);
    }
    assertThat(condition.evaluate(facts, budget)).isEqualTo(new Evaluated.Value<>(false));
    assertThat(budget.take(1)).isFalse();
  }

  @Test
  void a_comprehension_builds_lists_up_to_the_iteration_limit() {
    Facts facts = facts("many", Collections.nCopies(Expressions.MAX_ITERATIONS, 1L));
    assertThat(holds("size(claims.many.filter(n, n == 1)) == 1000", facts)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"claims.long", "claims[\"long\"]", "(subject == \"s\" ? claims.long : \"\")"})
  void what_an_expression_merely_reads_counts_as_one_step(String read) {
    Facts facts = facts("long", "x".repeat(16_000));
    String source = (read + " != \"\" && ").repeat(80) + "true";
    assertThat(holds(source, facts)).isTrue();
  }

  @Test
  void an_expression_ends_where_the_budget_of_the_exchange_does() {
    StepBudget budget = StepBudget.ofRules();
    Condition condition = condition("claims.run == 7 || true");
    for (int i = 0; i < StepBudget.MAX_STEPS - 2; i++) {
      budget.take(1);
    }
    assertThat(condition.evaluate(FACTS, budget))
        .isEqualTo(
            new Evaluated.Failed<Boolean>(
                "is past the 100000 evaluation steps that all rules of one exchange may take"
                    + " together",
                ""));
  }

  @Test
  void comprehensions_are_bounded_over_all_their_loops() {
    assertThat(evaluated("claims.many.all(a, claims.many.all(b, a + b >= 0))"))
        .isInstanceOf(Evaluated.Failed.class);
  }

  @Test
  void regular_expressions_are_bounded_wherever_they_come_from() {
    assertThat(mistakes("claims.repository.matches(\"(\")")).isNotEmpty();
    assertThat(mistakes("true &&\n  claims.repository.matches(\"((a{1,9}){1,9}){1,9}\")"))
        .containsExactly(
            new Expressions.Compiled.Mistake(
                "the regular expression takes more than 1000 instructions", 2, 29));
    assertThat(mistakes("matches(claims.repository, \"((a{1,9}){1,9}){1,9}\")")).hasSize(1);
  }

  /** A claim would choose what each request compiles. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "claims.text.matches(claims.pattern)",
        "claims.repository.matches(claims.repository + \"(\")",
        "claims.groups.exists(g, claims.path.matches(\"^\" + g))",
        "claims.groups.exists(g, matches(claims.path, g))",
        "claims.path.matches(true ? \"y\" : \"n\")"
      })
  void a_pattern_that_is_no_literal_is_refused(String source) {
    assertThat(mistakes(source))
        .singleElement()
        .satisfies(mistake -> assertThat(mistake.message()).contains("must be a text in quotes"));
  }

  /** RE2 would not come to an end with them, or take all memory or the whole stack. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "(?i)ᲀ ASCII",
        "(?i)\\x{1c80} ASCII",
        "(?i)[\\0-\\777] octal",
        "((a{1000}){1000}){1000} instructions",
        "(a{0,700}){0,700} instructions",
        "((\\Qa\\E{1000}(?i){1000}){1000}) instructions",
        "(?:(?:[!-[:]{1000}){1000}){1000} instructions",
        "a{1000}\\Q\\E{1000}\\Q\\E{1000} instructions",
        "a{1000}(?i){1000} instructions",
      })
  void literal_patterns_that_re2_must_not_see_are_refused_unseen(String pattern, String why) {
    assertThat(mistakes("claims.repository.matches(r'" + pattern + "')"))
        .singleElement()
        .satisfies(mistake -> assertThat(mistake.message()).contains(why));
  }

  @Test
  void literal_patterns_are_not_nested_without_end() {
    String nested = "(".repeat(300) + "a" + ")".repeat(300);
    assertThat(mistakes("claims.repository.matches('" + nested + "')"))
        .containsExactly(
            new Expressions.Compiled.Mistake(
                "the regular expression has more than 250 groups", 1, 27));
  }

  @Test
  void a_pattern_that_ignores_case_is_told_what_to_write_instead() {
    assertThat(mistakes("claims.repository.matches('(?i)^grüße$')"))
        .singleElement()
        .satisfies(mistake -> assertThat(mistake.message()).endsWith("([Üü]) instead of (?i)"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "^refs/(?!tags/)|invalid or unsupported Perl syntax: `(?!`",
        "(?<=x)a|invalid named capture: `(?<=x)a`",
        "(a)\\1|invalid escape sequence: `\\1`",
        "a++|invalid nested repetition operator: `++`",
        "(|missing closing ): `(`",
      })
  void refuses_literal_patterns_unknown_to_re2_with_its_reason(String pattern, String why) {
    assertThat(mistakes("claims.repository.matches(r'" + pattern + "')"))
        .singleElement()
        .satisfies(
            mistake ->
                assertThat(mistake.message())
                    .startsWith("the regular expression is not valid RE2: ")
                    .contains(why));
  }

  /** Their counts multiply to millions, and yet they take some hundred instructions each. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "^([a-z]+-?){1,30}/([a-z]+[.]?){1,30}(x[a-z]+/){0,30}(y[a-z]+_){0,30}$",
        "^\\Qacme/\\E[a-z]{1,63}([a-z]{1,63}){0,1}([a-z]{1,63}){0,1}([a-z]{1,63}){0,1}$",
        "^é{0,63}[a-z]{1,63}/{1,63}[a-z]{1,63}/{0,63}[a-z]{0,63}$",
      })
  void usual_patterns_with_many_counts_are_taken(String pattern) {
    assertThat(holds("claims.repository.matches(r'" + pattern + "')")).isTrue();
  }

  /** For each group of the credential RE2 reads 8 KiB some hundreds of times. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "claims.groups.exists(g, claims.path.matches(\"^(.?){200}y\"))",
        "claims.groups.exists(g, matches(claims.path, \"(.?){200}y\"))",
      })
  void what_is_matched_counts_by_text_and_pattern(String source) {
    Facts hostile =
        new Facts(
            "i",
            "s",
            "a",
            null,
            Map.of("path", "x".repeat(8192), "groups", Collections.nCopies(300, "(.?){200}y")));
    assertThat(condition(source).evaluate(hostile, StepBudget.ofRules())).isEqualTo(TOO_MANY_STEPS);
  }

  @Test
  void a_pattern_has_a_thousand_characters_at_most() {
    String longest = "[" + "a".repeat(998) + "]";
    assertThat(holds("claims.repository.matches('" + longest + "')")).isTrue();
    assertThat(mistakes("claims.repository.matches('x" + longest + "')")).hasSize(1);
  }

  @Test
  void usual_patterns_stay_far_below_the_limit_of_steps() {
    String rule =
        "claims.workflow.matches(\"^acme/[a-z0-9-]+/[.]github/workflows/deploy-(eu|us)[.]ya?ml@\")";
    Facts facts = facts("workflow", "acme/app/.github/workflows/deploy-eu.yml@" + "r".repeat(160));
    Condition condition = condition(rule);
    StepBudget budget = StepBudget.ofRules();
    for (int i = 0; i < 300; i++) {
      assertThat(condition.evaluate(facts, budget)).isEqualTo(new Evaluated.Value<>(true));
    }
  }

  @Test
  void mistakes_carry_message_line_and_column() {
    assertThat(mistakes("claim.a == 1"))
        .containsExactly(
            new Expressions.Compiled.Mistake(
                "there is no variable or function 'claim'. Write claims.NAME for a claim, quotes"
                    + " for a text",
                1,
                1));
    assertThat(mistakes("claims.a == 1 &&\n  size(5) == 2"))
        .singleElement()
        .satisfies(
            mistake -> {
              assertThat(mistake.line()).isEqualTo(2);
              assertThat(mistake.column()).isEqualTo(7);
              assertThat(mistake.message()).isEqualTo("size cannot be applied to a number");
            });
    assertThat(mistakes("claims.a == ")).isNotEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          claims.a = "x"           | '=' is no operator of CEL. Write == to compare
          claims.a == "x" & true   | '&' is no operator of CEL. Write &&
          claims.a == "x           | the text "x has no closing quote
          claims.a == "<o>/<$r>    | the text "<o>/<$r> has no closing quote
          claims.a == "x" and true | 'and' is no operator of CEL. Write &&
          claims.a ==              | the expression ends too early
          claims.a == "x")         | ')' is misplaced
          claims.a == ${X}         | '$' is no part of CEL
          lower(claims.a) == "x"   | there is no variable or function 'lower'
          subject == 5             | a text never equals a number
          issuer > 3               | > cannot be applied to a text and a number
          subject.x == "a"         | a text has no members
          claims.a ? "x" : true    | ?: chooses by a boolean
          """)
  void says_mistakes_in_words_of_the_document(String source, String words) {
    assertThat(mistakes(source).getFirst().message()).startsWith(words);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          claims.x == 1           | the credential has no claim x
          claims.t < 5            | claims.t < 5 cannot be evaluated: claims.t is the text "7"
          claims.n.startsWith("a") | claims.n.startsWith("a") cannot be evaluated: claims.n is the number 7
          claims.t.k == "a"       | claims.t.k cannot be evaluated: claims.t is the text "7"
          claims.m.z == "v"       | claims.m.z cannot be evaluated: claims.m is the object {"k": "v"}
          int(claims.w) == 4      | int(claims.w) cannot be evaluated: claims.w is the text "abc"
          claims.t && true        | claims.t && true cannot be evaluated: claims.t is the text "7"
          claims.t ? true : false | (claims.t ? true : false) cannot be evaluated: claims.t is the text "7"
          "a" in claims.t         | "a" in claims.t cannot be evaluated: claims.t is the text "7"
          """)
  void an_evaluation_that_fails_names_claim_value_and_type(String source, String words) {
    Facts given =
        new Facts(
            "i", "s", "a", null, Map.of("n", 7L, "t", "7", "w", "abc", "m", Map.of("k", "v")));

    String detail =
        switch (condition(source).evaluate(given, StepBudget.ofRules())) {
          case Evaluated.Missing<Boolean>(String missing) -> missing;
          case Evaluated.Failed<Boolean>(String _, String failed) -> failed;
          case Evaluated.Value<Boolean> value -> value.toString();
        };

    assertThat(detail).isEqualTo(words);
  }

  @Test
  void every_type_error_is_reported_at_once() {
    assertThat(mistakes("foo == 1 && bar == 2")).hasSize(2);
  }

  @Test
  void types_are_checked_when_compiled() {
    assertThat(mistakes("claims.admin"))
        .containsExactly(
            new Expressions.Compiled.Mistake("a condition must be bool, this is dyn", 1, 1));
    assertThat(mistakes("\"yes\""))
        .containsExactly(
            new Expressions.Compiled.Mistake("a condition must be bool, this is string", 1, 1));
    assertThat(EXPRESSIONS.subject("claims.repository"))
        .isInstanceOf(Expressions.Compiled.Ok.class);
    assertThat(EXPRESSIONS.subject("\"repo:\" + claims.repository"))
        .isInstanceOf(Expressions.Compiled.Ok.class);
    assertThat(EXPRESSIONS.subject("5")).isInstanceOf(Expressions.Compiled.Bad.class);
    assertThat(EXPRESSIONS.claim("{\"a\": [1, true]}")).isInstanceOf(Expressions.Compiled.Ok.class);
    assertThat(EXPRESSIONS.claim("timestamp(\"2026-01-01T00:00:00Z\")"))
        .isInstanceOf(Expressions.Compiled.Bad.class);
    assertThat(EXPRESSIONS.claim("b\"bytes\"")).isInstanceOf(Expressions.Compiled.Bad.class);
    assertThat(EXPRESSIONS.claim("null")).isInstanceOf(Expressions.Compiled.Bad.class);
  }

  @Test
  void long_deep_and_odd_expressions_are_refused_and_never_thrown() {
    assertThat(mistakes("true || ".repeat(600) + "true"))
        .containsExactly(
            new Expressions.Compiled.Mistake(
                "the expression is longer than 4096 characters", 1, 1));
    assertThat(mistakes("(".repeat(1000) + "true" + ")".repeat(1000))).isNotEmpty();
    assertThat(mistakes("[".repeat(4000))).isNotEmpty();
    assertThat(mistakes("\u0000")).isNotEmpty();
    assertThat(mistakes(" ")).isNotEmpty();
    assertThat(mistakes("claims.matches('(')")).isNotEmpty();
    assertThat(mistakes("true\n\u202e")).isNotEmpty();
  }

  @Test
  void a_long_list_of_alternatives_is_no_deep_nesting() {
    assertThat(holds("claims.run == 1 || ".repeat(200) + "true")).isTrue();
  }

  private static List<Object> holes() {
    return Collections.singletonList(null);
  }

  private static Condition condition(String source) {
    return ok(EXPRESSIONS.condition(source));
  }

  private static Evaluated<Boolean> evaluated(String source) {
    return condition(source).evaluate(FACTS, StepBudget.ofRules());
  }

  private static boolean holds(String source) {
    return holds(source, FACTS);
  }

  private static boolean holds(String source, Facts facts) {
    return condition(source).holds(facts, StepBudget.ofRules());
  }

  /** Those with one claim. */
  private static Facts facts(String claim, Object value) {
    return new Facts("i", "s", "a", null, Map.of(claim, value));
  }

  private static List<Expressions.Compiled.Mistake> mistakes(String source) {
    return switch (EXPRESSIONS.condition(source)) {
      case Expressions.Compiled.Ok<Condition> ok ->
          throw new AssertionError("accepted: " + source + ok);
      case Expressions.Compiled.Bad<Condition>(List<Expressions.Compiled.Mistake> mistakes) ->
          mistakes;
    };
  }
}
