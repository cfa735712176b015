package dev.tokenbroker.judge.expression;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SeenValueTest {

  @Test
  void shows_the_members_of_an_object_and_of_nested_values_the_type() {
    assertThat(
            SeenValue.described(
                Map.of("namespace", "stage", "uid", 7L, "pod", Map.of("name", "a"))))
        .isEqualTo("the object {\"namespace\": \"stage\", \"pod\": an object, \"uid\": 7}");
  }

  @Test
  void shows_a_map_of_an_expression_whose_keys_are_of_several_types() {
    assertThat(SeenValue.described(Map.of(2L, "two", "a", true)))
        .isEqualTo("the object {2: \"two\", \"a\": true}");
  }

  @Test
  void cuts_a_large_object() {
    Map<String, String> large =
        IntStream.range(0, 100)
            .mapToObj(at -> "member-" + at)
            .collect(Collectors.toMap(Function.identity(), _ -> "x".repeat(50)));

    assertThat(SeenValue.described(large)).hasSizeLessThan(128).endsWith("…");
  }
}
