package dev.tokenbroker.judge.expression;

import static dev.tokenbroker.judge.policy.RuledGrants.ok;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClaimUsesTest {

  private static final Expressions EXPRESSIONS = new Expressions();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "claims['a'] == 'x'",
        "has(claims.a.b) && claims.a.b['c'] == true",
        "'x' in claims.a.b[0]",
        "claims.a.exists(e, e == 'x')",
        "claims.a == 'x' && claims.a.contains('y')",
      })
  void a_claim_that_is_read(String condition) {
    assertThat(uses(condition).claims()).containsExactly("a");
  }

  @Test
  void the_subject_is_the_claim_sub_and_other_variables_are_none() {
    assertThat(uses("subject == 'x' && issuer == 'y' && audience == 'z'").claims())
        .containsExactly("sub");
  }

  @Test
  void the_strings_are_known() {
    assertThat(uses("claims.a == 'x' || claims.b == 42 || claims.c in ['y', 'x']").texts())
        .containsExactlyInAnyOrder("x", "y");
  }

  @ParameterizedTest
  @ValueSource(strings = {"claims[subject] == 'x'", "'a' in claims", "size(claims) == 1"})
  void names_that_are_computed_are_told(String condition) {
    assertThat(uses(condition).computed()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = " => ",
      quoteCharacter = '`',
      textBlock =
          """
          claims.a == 'x' => claims.a
          claims['a-b'] == 'x' => claims["a-b"]
          claims['k.io'].namespace.startsWith('x') => claims["k.io"].namespace
          has(claims.a.b) => claims.a.b
          'a' in claims => claims.a
          'x' in claims.a => claims.a
          claims.a[0] == 'x' => claims.a
          claims.a.exists(e, e.b == 'x') => claims.a
          subject.contains('x') => claims.sub
          claims[subject] == 'x' => claims.sub
          """)
  void a_path_is_read_as_far_as_its_names_are_constant(String condition, String path) {
    assertThat(uses(condition).paths()).extracting(ClaimPath::toString).containsExactly(path);
  }

  private static ClaimUses uses(String condition) {
    return ok(EXPRESSIONS.condition(condition)).uses();
  }
}
