package dev.tokenbroker.edges.http.token;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Outcome.Accepted;
import dev.tokenbroker.base.refusal.Outcome.Refused;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FormParametersTest {

  private static final Set<String> KNOWN = Set.of("a", "b", "é");

  @ParameterizedTest
  @CsvSource({
    "a=x, x",
    "a=x&b=y, x",
    "b=y&a=x, x",
    "&&a=x&, x",
    "a=x+y, x y",
    "a=x%20y, x y",
    "a=x%2By, x+y",
    "a=%c3%A9, é",
    "a=%F0%9F%98%80, \uD83D\uDE00",
    "a=x=y, x=y",
    "a==, =",
    "%61=x, x",
    "a=%26%3D, &=",
    "a=\"<>{}~, \"<>{}~"
  })
  void reads_what_a_form_says(String form, String value) {
    assertThat(read(form).all("a")).containsExactly(value);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a", "a=", "&", "=", "=x", "c=x", "A=x", "a&a=&b=x", "%41=x"})
  void treats_an_empty_parameter_as_omitted_and_drops_unknown_ones(String form) {
    FormParameters parameters = read(form);
    assertThat(parameters.has("a")).isFalse();
    assertThat(parameters.first("a")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a=%",
        "a=%4",
        "a=%4g",
        "a=%zz",
        "a=%u00e9",
        "a=%+1",
        "%=x",
        "a=%&b=%41",
        "a=x%0",
        "a=x y",
        "a=x\n",
        "a=x\r\nb=y",
        "\ta=x",
        "a=\u0000",
        "a=\u007f",
        "a=é",
        "a=%ff",
        "a=%c3",
        "a=%c3%28",
        "a=%c0%80",
        "a=%ed%a0%80",
        "a=%f5%80%80%80",
        "c=%ff",
        "%ff=x"
      })
  void reads_nothing_of_a_form_that_is_broken_anywhere(String form) {
    assertRefused(form, "each name and value of the form must be percent-encoded UTF-8");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a=x", "a", "=", "c=x", "%61=x"})
  void reads_a_form_of_64_parameters_and_none_of_more(String parameter) {
    String most = (parameter + "&").repeat(FormParameters.MAX_PARAMETERS);

    assertThat(parse(most)).isInstanceOf(Accepted.class);
    assertRefused(most + "b=y", "the form must have at most 64 parameters");
    assertRefused(most + "b=%", "the form must have at most 64 parameters");
  }

  @Test
  void counts_nothing_between_two_separators() {
    String nothing = "&".repeat(32 * 1024);

    assertThat(read(nothing + "a=x" + nothing).all("a")).containsExactly("x");
  }

  @Test
  void keeps_all_values_of_a_name_in_their_order() {
    assertThat(read("a=x&b=y&a=z&a=").all("a")).isEqualTo(List.of("x", "z"));
    assertThat(read("%c3%a9=x&%C3%A9=y").all("é")).isEqualTo(List.of("x", "y"));
  }

  @Test
  void shows_no_value() {
    assertThat(read("a=secret").toString()).contains("a").doesNotContain("secret");
  }

  private static void assertRefused(String form, String expected) {
    Refusal refusal = Refusal.of(RefusalReason.REQUEST_INVALID).expected(expected);
    assertThat(parse(form)).isEqualTo(Outcome.refused(refusal));
  }

  private static FormParameters read(String form) {
    return switch (parse(form)) {
      case Accepted<FormParameters>(FormParameters parameters) -> parameters;
      case Refused<FormParameters>(Refusal why) -> throw new AssertionError(why);
    };
  }

  private static Outcome<FormParameters> parse(String form) {
    return FormParameters.parse(form.getBytes(StandardCharsets.UTF_8), KNOWN);
  }
}
