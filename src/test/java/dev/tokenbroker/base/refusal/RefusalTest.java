package dev.tokenbroker.base.refusal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RefusalTest {

  @Test
  void cleans_its_evidence() {
    Refusal refusal =
        Refusal.of(RefusalReason.AUDIENCE_MISMATCH).expected("a\nb").seen("c\nd").hint("e\nf");

    assertThat(refusal.expected()).isEqualTo("a\\u000Ab");
    assertThat(refusal.seen()).isEqualTo("c\\u000Ad");
    assertThat(refusal.hints()).containsExactly("e\\u000Af");
  }

  @Test
  void keeps_the_first_hints() {
    Refusal refusal = Refusal.of(RefusalReason.REQUEST_INVALID);
    for (int at = 1; at <= 10; at++) {
      refusal = refusal.hint("hint " + at);
    }

    assertThat(refusal.hints()).containsExactly("hint 1", "hint 2", "hint 3", "hint 4");
  }

  @Test
  void a_change_keeps_the_rest() {
    Refusal refusal =
        Refusal.of(RefusalReason.KEYS_UNREACHABLE)
            .retryAfter(Duration.ofSeconds(3))
            .hint("h")
            .seen("s")
            .expected("e");

    assertThat(refusal)
        .isEqualTo(
            new Refusal(
                RefusalReason.KEYS_UNREACHABLE,
                "e",
                "s",
                List.of("h"),
                List.of(),
                Duration.ofSeconds(3),
                List.of(),
                Clue.none()));
  }

  @Test
  void of_a_request_names_every_violation_and_hints_at_the_first() {
    List<FieldViolation> violations =
        IntStream.range(0, 6)
            .mapToObj(at -> new FieldViolation("scopes[" + at + "]", "must be a scope-token"))
            .toList();

    Refusal refusal = Refusal.ofRequest(violations).seen("s");

    assertThat(refusal.reason()).isEqualTo(RefusalReason.REQUEST_INVALID);
    assertThat(refusal.violations()).isEqualTo(violations);
    assertThat(refusal.hints())
        .hasSize(Refusal.MAX_HINTS)
        .startsWith("scopes[0] must be a scope-token");
  }

  @ParameterizedTest
  @EnumSource
  void every_reason_says_in_a_sentence_what_it_means_and_what_to_do(RefusalReason reason) {
    assertThat(reason.meaning()).matches("[A-Z].*\\.");
    assertThat(reason.remedy()).matches("[A-Z].*\\.");
  }
}
