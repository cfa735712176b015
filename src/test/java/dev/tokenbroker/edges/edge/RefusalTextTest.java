package dev.tokenbroker.edges.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RefusalTextTest {

  private static final String ID = "9e8e0c3f9e8e0c3f9e8e0c3f9e8e0c3f";
  private static final String END = " (verdict " + ID + ")";
  private static final String BEGIN = "REQUEST_INVALID: The request is not well-formed. ";
  private static final String ALLOWED = "[\\x20-\\x21\\x23-\\x5B\\x5D-\\x7E]{1,256}";

  @Test
  void begins_with_the_reason_and_ends_with_the_verdict() {
    assertThat(RefusalText.of(Refusal.of(RefusalReason.TARGET_UNKNOWN), ID))
        .isEqualTo(
            "TARGET_UNKNOWN: There is no such target. Ask for the audience of a target in the"
                + " federation document."
                + END);
  }

  @ParameterizedTest
  @EnumSource(RefusalReason.class)
  void every_reason_has_a_text_with_meaning_reason_and_id(RefusalReason reason) {
    assertThat(RefusalText.of(Refusal.of(reason), ID))
        .matches(ALLOWED)
        .startsWith(reason.name() + ": " + reason.meaning().split(" ", -1)[0])
        .endsWith(END);
    assertThat(RefusalText.of(reason))
        .matches(ALLOWED)
        .startsWith(reason.name() + ": " + reason.meaning())
        .doesNotContain("verdict 9");
  }

  @Test
  void what_is_cut_is_the_middle() {
    assertThat(expecting("audience ".repeat(60)))
        .hasSizeBetween(RefusalText.MAX_CHARS - 32, RefusalText.MAX_CHARS)
        .startsWith(BEGIN + "audience ")
        .endsWith(" audience..." + END);
    assertThat(expecting("a".repeat(600))).hasSize(RefusalText.MAX_CHARS).endsWith("aaa..." + END);
  }

  @ParameterizedTest
  @ValueSource(strings = {"語 \"quoted\" \\ \u0007 \r\n\t \u007f é \uD83D\uDE00", "\n", ""})
  void has_only_characters_that_rfc_6749_allows(String odd) {
    assertThat(expecting(odd)).matches(ALLOWED);
  }

  @Test
  void a_text_that_just_fits_is_whole() {
    int room = RefusalText.MAX_CHARS - BEGIN.length() - ".".length() - END.length();
    for (int length = room - 1; length <= room + 1; length++) {
      String text = expecting("b".repeat(length));

      assertThat(text.contains("...")).isEqualTo(length > room);
      assertThat(text).matches(ALLOWED).endsWith(END);
    }
  }

  @Test
  void tells_what_came_only_where_no_verdict_does() {
    Refusal refusal =
        Refusal.of(RefusalReason.DPOP_PROOF_INVALID).seen("a GitHub token").hint("Send a proof.");

    assertThat(RefusalText.of(refusal, ""))
        .contains("What came: a GitHub token. Send a proof.")
        .doesNotContain("verdict");
    assertThat(RefusalText.of(refusal, ID)).doesNotContain("GitHub").endsWith(END);
  }

  private static String expecting(String expected) {
    return RefusalText.of(Refusal.of(RefusalReason.REQUEST_INVALID).expected(expected), ID);
  }
}
