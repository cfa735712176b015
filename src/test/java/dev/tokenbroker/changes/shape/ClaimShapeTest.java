package dev.tokenbroker.changes.shape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ClaimShapeTest {

  static List<Arguments> values() {
    return List.of(
        arguments(null, "missing"),
        arguments("x", "<name>"),
        arguments(1L, "number"),
        arguments(1.5, "number"),
        arguments(true, "boolean"),
        arguments(Map.of("a", 1L), "object"),
        arguments(List.of(), "empty list"),
        arguments(List.of("a", "b"), "list of texts"),
        arguments(List.of(1L, 2.5), "list of numbers"),
        arguments(List.of(Map.of()), "list of objects"),
        arguments(List.of("a", 1L), "list of values of several types"));
  }

  @ParameterizedTest
  @MethodSource("values")
  void is_the_type_of_a_value_or_the_template_of_a_text(@Nullable Object value, String label) {
    assertThat(ClaimShape.of("x", value).label()).isEqualTo(label);
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = " => ",
      textBlock =
          """
          <name>/<name> => org/project => true
          <name>/<name> => <name>/<uuid> => true
          <name>:<name> => <name>:<digits> => true
          <name>:<digits> => <name>:<name> => false
          <name> => <digits> => false
          <name> => <uuid> => false
          <name>/<name> => <name>:<name> => false
          repo:<name>/<name> => repo:<name>@<digits> => false
          <name>:<name> => <name>: => false
          """)
  void a_known_name_may_be_a_word_or_digits(String known, String seen, boolean covered) {
    assertThat(new ClaimShape(true, known).covers(new ClaimShape(true, seen))).isEqualTo(covered);
  }

  @Test
  void a_known_list_may_be_empty() {
    ClaimShape empty = ClaimShape.of("x", List.of());

    assertThat(ClaimShape.of("x", List.of("a")).covers(empty)).isTrue();
    assertThat(empty.covers(ClaimShape.of("x", List.of("a")))).isFalse();
    assertThat(ClaimShape.of("x", "list of x").covers(empty)).isFalse();
  }

  @Test
  void the_difference_is_what_changed_between_equal_ends() {
    ClaimShape was = ClaimShape.of("sub", "repo:a/b:ref:refs/heads/main");
    ClaimShape is = ClaimShape.of("sub", "repo:a@1/b@2:ref:refs/heads/main");

    assertThat(is.differenceFrom(was)).isEqualTo("/<name> -> @<digits>/<name>@<digits>");
  }
}
