package dev.tokenbroker.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class FactPartsTest {

  @Test
  void parts_are_read_as_they_were_written() {
    SortedMap<String, String> parts =
        new TreeMap<>(Map.of("github", "0123abcd", "a=b", "none", "<default>", "89abcdef"));

    assertThat(FactParts.read(FactParts.text(parts))).isEqualTo(parts);
    assertThat(FactParts.read("")).isEmpty();
    assertThat(FactParts.read("=\nword\n\n")).isEmpty();
  }

  @Test
  void a_name_does_not_make_a_line_of_its_own() {
    SortedMap<String, String> parts = new TreeMap<>(Map.of("one\ntwo=ffffffff", "0123abcd"));

    assertThat(FactParts.read(FactParts.text(parts))).hasSize(1).containsValue("0123abcd");
  }

  @Test
  void parts_that_do_not_fit_are_compared_together() {
    SortedMap<String, String> many = new TreeMap<>();
    for (int issuer = 0; issuer < 10_000; issuer++) {
      many.put("issuer-%05d-ü".formatted(issuer), "0123abcd");
    }
    String text = FactParts.text(many);
    assertThat(text.getBytes(StandardCharsets.UTF_8)).hasSizeLessThan(FactParts.MAX_BYTES + 100);
    assertThat(FactParts.read(text)).containsKey("issuer-00000-ü").containsKey(FactParts.REST);

    many.put("issuer-09999-ü", "none");

    assertThat(FactParts.read(FactParts.text(many)).get(FactParts.REST))
        .isNotEqualTo(FactParts.read(text).get(FactParts.REST));
  }

  @Test
  void two_full_facts_fit_into_one_entry() {
    assertThat(2 * (FactParts.MAX_BYTES + 100)).isLessThan(LogEntry.MAX_BYTES - 16_000);
  }
}
