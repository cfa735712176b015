package dev.tokenbroker.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.policy.ClaimUses.ClaimUse;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClaimUsesTest {

  private static final Expressions EXPRESSIONS = new Expressions();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "claims.a == 'x'",
        "'x' != claims.a",
        "claims['a'] == 'x'",
        "claims.a in ['x', 'y']",
        "'x' in claims.a",
        "has(claims.a)",
        "has(claims.a.b) && claims.a.b == 1",
        "claims.a.b['c'] == true",
        "claims.a == claims.a",
        "!(claims.a == 2.5) || claims.a == 'x'"
      })
  void a_claim_that_is_compared(String condition) {
    assertThat(uses(condition).claims()).isEqualTo(Map.of("a", ClaimUse.COMPARED));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "claims.a.startsWith('x')",
        "claims.a.matches('^x$')",
        "size(claims.a) == 1",
        "claims.a > 1",
        "claims.a + 'x' == 'xx'",
        "claims.a.exists(e, e == 'x')",
        "claims.a == 'x' && claims.a.contains('y')",
        "claims.a == string(1)",
        "'x' in claims.a.b[0]",
        "bool(claims.a)"
      })
  void a_claim_that_is_examined(String condition) {
    assertThat(uses(condition).claims()).isEqualTo(Map.of("a", ClaimUse.EXAMINED));
  }

  @Test
  void the_subject_is_the_claim_sub_and_other_variables_are_none() {
    assertThat(uses("subject == 'x' && issuer == 'y' && audience == 'z'").claims())
        .isEqualTo(Map.of("sub", ClaimUse.COMPARED));
  }

  @Test
  void constants_are_known_by_their_types() {
    assertThat(uses("claims.a == 'x' || claims.b == 42 || claims.c in [1.5, true]").constants())
        .isEqualTo(Set.of("x", 42L, 1.5, true));
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
    return ((Compiled.Ok<Condition>) EXPRESSIONS.condition(condition)).value().uses();
  }
}
