package dev.tokenbroker.base.refusal;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("drawn")
class EvidenceTest {

  /** {@code -Dfuzz.mutations=…} tries more. */
  private static final int MUTATIONS = Integer.getInteger("fuzz.mutations", 200);

  private static final long SEED = 20261124;
  private static final int MAX = Refusal.MAX_EVIDENCE_CHARS;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "repo:acme/payments",
        "\u00e9\u8A9E \u0416 \uD83D\uDE80",
        "a \"quoted\" \\ thing",
        "eyJ."
      })
  void leaves_text_that_is_fit_as_it_is(String text) {
    assertThat(Evidence.clean(text)).isSameAs(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\n",
        "\r",
        "\t",
        "\0",
        "\u001B",
        "\u007F",
        "\u0085",
        "\u2028",
        "\u2029",
        "\u202E",
        "\u2066",
        "\u200B",
        "\uFEFF",
        "\u00AD",
        "\uD83D",
        "\uDE00",
        "\uFFFE",
        "\u0378",
        "\uDB40\uDC41"
      })
  void escapes_what_could_forge_or_break_a_line(String unsafe) {
    String escape = unsafe.chars().mapToObj("\\u%04X"::formatted).collect(joining());

    assertThat(Evidence.clean("a" + unsafe + "b")).isEqualTo("a" + escape + "b");
    assertThat(Evidence.escaped("x".repeat(MAX) + unsafe)).isEqualTo("x".repeat(MAX) + escape);
  }

  @Test
  void cuts_long_text_and_says_so() {
    assertThat(Evidence.clean("x".repeat(MAX))).isEqualTo("x".repeat(MAX));
    assertThat(Evidence.clean("x".repeat(MAX + 1))).isEqualTo("x".repeat(MAX - 1) + "…");
    assertThat(Evidence.clean("\n" + "x".repeat(MAX)))
        .hasSize(MAX)
        .startsWith("\\u000Ax")
        .endsWith("…");
  }

  @Test
  void cuts_no_escape_in_two() {
    assertThat(Evidence.clean("x".repeat(MAX - 6) + "\n")).hasSize(MAX).endsWith("x\\u000A");
    assertThat(Evidence.clean("x".repeat(MAX - 6) + "\n\n")).isEqualTo("x".repeat(MAX - 6) + "…");
  }

  @Test
  void leaves_no_half_of_a_surrogate_pair_where_it_cuts() {
    String text = "x".repeat(MAX - 2) + "\uD83D\uDE00\uD83D\uDE00";

    assertThat(Evidence.clean(text).chars().noneMatch(c -> Character.isSurrogate((char) c)))
        .isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl",
        "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.",
        "eyJhbGciOiJSUzI1NiJ9",
        "eyJhbGciOiJkaXIifQ..aXYaXYaXYaXY.Y2lwaGVydGV4dA.dGFnZ3Rh"
      })
  void names_a_token_instead_of_showing_it(String token) {
    assertThat(Evidence.clean(token)).isEqualTo("(a token)");
    assertThat(Evidence.clean("Bearer " + token)).isEqualTo("Bearer (a token)");
  }

  @Test
  void names_a_token_that_is_cut_off() {
    assertThat(Evidence.clean("eyJhbGciOiJSUzI1NiJ9." + "a".repeat(10_000)))
        .isEqualTo("(a token)…");
  }

  @Test
  void is_bounded_printable_and_final_for_any_text() {
    System.out.println("EvidenceTest: seed " + SEED);
    SplittableRandom random = new SplittableRandom(SEED);
    for (int run = 0; run < MUTATIONS; run++) {
      String text =
          random
              .ints(random.nextInt(600), 0, random.nextBoolean() ? 0x80 : 0x10000)
              .collect(StringBuilder::new, (s, c) -> s.append((char) c), StringBuilder::append)
              .toString();

      String clean = Evidence.clean(text);

      assertThat(clean.length()).isLessThanOrEqualTo(MAX);
      assertThat(clean.chars().noneMatch(Character::isISOControl)).isTrue();
      assertThat(Evidence.clean(clean)).isEqualTo(clean);
    }
  }
}
