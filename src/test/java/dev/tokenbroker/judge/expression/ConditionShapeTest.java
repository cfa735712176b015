package dev.tokenbroker.judge.expression;

import static dev.tokenbroker.judge.policy.RuledGrants.ok;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConditionShapeTest {

  private static final Expressions EXPRESSIONS = new Expressions();

  /** Alternatives are separated by {@code " or "}, their parts by {@code " and "}. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "claims.a == \"x\" | claims.a == \"x\"",
        "\"x\" == claims[\"a\"] | claims.a == \"x\"",
        "claims.a == \"x\" && claims.b == 1 | claims.a == \"x\" and claims.b == 1",
        "claims.a == 1 && (claims.b == 2 or claims.c == 3) |"
            + " claims.a == 1 and claims.b == 2 or claims.a == 1 and claims.c == 3",
        "!(claims.a == 1 && claims.b == 2) | claims.a != 1 or claims.b != 2",
        "2 != claims.a | claims.a != 2",
        "!(claims.a != 1) | claims.a == 1",
        "claims.a == 1 ? claims.b == 2 : claims.c == 3 |"
            + " claims.a == 1 and claims.b == 2 or claims.a != 1 and claims.c == 3",
        "has(claims.a) && subject == \"x\" | has(claims.a) and claims.sub == \"x\"",
        "claims.a == 1 && true | claims.a == 1",
        "claims.b == claims.a | claims.a == claims.b",
        "claims[\"k.io\"].ns in [\"x\", \"y\"] | claims[\"k.io\"].ns in [\"x\", \"y\"]",
        "claims.a + \"/\" + claims.b == \"x/y\" | ((claims.a + \"/\") + claims.b) == \"x/y\"",
        "!claims.a.endsWith(\"x\") | !(claims.a.endsWith(\"x\"))",
        "!(!claims.a.startsWith(\"x\")) | claims.a.startsWith(\"x\")",
      })
  void is_the_alternatives_in_one_way_of_writing(String source, String expected) {
    assertThat(alternatives(source.replace(" or ", " || "))).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "true | 1",
        "1 == 1 | 1",
        "\"a\".startsWith(\"a\") | 1",
        "claims.a == 1 or true | 2",
        "false | 0",
        "!true | 0",
        "1 > 2 | 0",
        "claims.a == 1 && false | 0",
      })
  void of_a_constant_is_one_empty_alternative_or_none(String source, int count) {
    List<?> alternatives =
        Objects.requireNonNull(shape(source.replace(" or ", " || ")).alternatives());

    assertThat(alternatives).hasSize(count);
  }

  @Test
  void has_at_most_64_alternatives_but_all_parts() {
    String six = pairs(6);
    String seven = pairs(7);

    assertThat(shape(six).alternatives()).hasSize(64);
    assertThat(shape(seven).alternatives()).isNull();
    assertThat(shape(seven).parts()).hasSize(14);
  }

  @Test
  void knows_what_each_part_tests() {
    assertThat(test("claims.a == \"x\"")).isEqualTo(is("x"));
    assertThat(test("claims.a in [\"x\", 2, true, 1.5]")).isEqualTo(is("x", 2L, true, 1.5));
    assertThat(test("claims.a in [claims.b]")).isEqualTo(new ClaimTest.Other());
    assertThat(test("has(claims.a)")).isEqualTo(new ClaimTest.Present(ClaimPath.of("a")));
    assertThat(test("\"a\" in claims")).isEqualTo(new ClaimTest.Present(ClaimPath.of("a")));
    assertThat(test("has(claims.a.b)"))
        .isEqualTo(new ClaimTest.Present(new ClaimPath(List.of("a", "b"))));
    assertThat(test("claims.a == claims.b"))
        .isEqualTo(new ClaimTest.Same(ClaimPath.of("a"), ClaimPath.of("b")));
    assertThat(test("claims.a && claims.b == 1")).isEqualTo(is(true));
    assertThat(test("claims.a.endsWith(\"x\")"))
        .isEqualTo(
            new ClaimTest.Matches(
                ClaimPath.of("a"),
                new TextMatch(TextMatch.MatchKind.ENDS_WITH, "x", "claims.a.endsWith(\"x\")")));
    assertThat(test("matches(claims.a, \"x\")"))
        .isInstanceOfSatisfying(
            ClaimTest.Matches.class,
            matches -> assertThat(matches.match().kind()).isEqualTo(TextMatch.MatchKind.MATCHES));
  }

  @Test
  void finds_comparisons_of_texts_in_comprehensions() {
    Conjunct part =
        shape("claims.groups.exists(g, g.startsWith(\"adm\"))").parts().iterator().next();

    assertThat(part.test()).isEqualTo(new ClaimTest.Other());
    assertThat(part.matches())
        .extracting(TextMatch::source)
        .containsExactly("g.startsWith(\"adm\")");
    assertThat(part.uses().claims()).containsExactly("groups");
  }

  private static ClaimTest is(Object... values) {
    return new ClaimTest.Is(ClaimPath.of("a"), List.of(values));
  }

  private static String pairs(int count) {
    return IntStream.range(0, count)
        .mapToObj(at -> "(claims.a" + at + " == 1 || claims.b" + at + " == 1)")
        .collect(Collectors.joining(" && "));
  }

  private static ClaimTest test(String source) {
    return shape(source).parts().iterator().next().test();
  }

  private static String alternatives(String source) {
    return Objects.requireNonNull(shape(source).alternatives()).stream()
        .map(parts -> parts.stream().map(Conjunct::toString).collect(Collectors.joining(" and ")))
        .collect(Collectors.joining(" or "));
  }

  private static ConditionShape shape(String source) {
    return ok(EXPRESSIONS.condition(source)).shape();
  }
}
