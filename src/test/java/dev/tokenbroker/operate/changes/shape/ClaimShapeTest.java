package dev.tokenbroker.operate.changes.shape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
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
  void is_shown_by_the_type_of_a_value_or_the_mask_of_a_text(@Nullable Object value, String label) {
    assertThat(ClaimShape.of(value).label()).isEqualTo(label);
  }

  @Test
  void a_known_list_may_be_empty() {
    ClaimShape empty = ClaimShape.of(List.of());

    assertThat(ClaimShape.of(List.of("a")).covers(empty)).isTrue();
    assertThat(empty.covers(ClaimShape.of(List.of("a")))).isFalse();
    assertThat(ClaimShape.of("list of x").covers(empty)).isFalse();
  }

  @Test
  void any_text_covers_texts_only() {
    assertThat(ClaimShape.ANY_TEXT.covers(ClaimShape.of("x"))).isTrue();
    assertThat(ClaimShape.ANY_TEXT.covers(ClaimShape.of(1L))).isFalse();
    assertThat(ClaimShape.ANY_TEXT.label()).isEqualTo("text");
  }
}
