package dev.tokenbroker.operate.changes.shape;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("drawn")
class ValueMaskTest {

  /** {@code -Dfuzz.mutations=…} tries more. */
  private static final int MUTATIONS = Integer.getInteger("fuzz.mutations", 200);

  private static final long SEED = 20_261_128;

  private static final List<String> PARTS =
      List.of(
          ":",
          "/",
          "@",
          "|",
          "://",
          "?",
          "#",
          " ",
          "\n",
          ".",
          "-",
          "repo",
          "https",
          "hush",
          "4711",
          "Hush.example",
          "0f8fad5b-d9cb-469f-a165-70867728950e",
          "deadbeef00000000",
          "é",
          "<",
          "{",
          "$1",
          "\\",
          "\u202e");

  private static final Pattern MASKED =
      Pattern.compile("(?:<(?:name|digits|hex|uuid|url|host|path|empty)>|[:/@|])*(?:<[a-z]*)?…?");

  @ParameterizedTest
  @CsvSource(
      delimiterString = " => ",
      textBlock =
          """
          '' => <empty>
          104123456789012345678 => <digits>
          0f8fad5b-d9cb-469f-a165-70867728950e => <uuid>
          {0F8FAD5B-D9CB-469F-A165-70867728950E} => <uuid>
          9f3182061f1e2cca4702c368cbc039b7dc9d4485 => <hex>
          deadbeef => <name>
          deadbeefdeadbeef => <name>
          service-account-app => <name>
          @types => <name>
          AbC123xyz@clients => <name>
          release@v1.2 => <name>
          alice.o'neil+x@acme.example => <name>@<host>
          acme@123456 => <name>@<digits>
          octo-org/octo-repo => <path>
          octo-org@1/octo-repo@2 => <path>@<digits>
          refs/heads/fix/a@b#12/c => <path>
          build & test / all: again => <name>
          https://broker.acme.example:8443 => <url>
          https://broker.acme.example/ => <url>/
          https://broker.acme.example/a/b?c=d#e => <url>/<path>
          spiffe://acme.example/ns/payments/sa/api => <url>/<path>
          api://0f8fad5b-d9cb-469f-a165-70867728950e => <url>
          repo:octo-org/octo-repo:ref:refs/heads/main => <name>:<name>:<name>:<name>
          repo:octo-org/octo-repo:ref:refs/heads/fix/a@b#12/c => <name>:<name>:<name>:<name>
          repo:octo-org/octo-repo:pull_request => <name>:<name>:<name>
          repo:octo-org@123456/octo-repo@456789:ref:refs/heads/main => <name>:<name>@<digits>:<name>:<name>
          system:serviceaccount:123:0f8fad5b-d9cb-469f-a165-70867728950e => <name>:<name>:<name>:<name>
          arn:aws:iam::123456789012:role/deploy => <name>:<name>:<name>::<name>:<name>
          auth0|5f7c8ec7c33c6c004bbafe82 => <name>|<name>
          """)
  void of_a_text(String text, String mask) {
    assertThat(ValueMask.of(text)).isEqualTo(mask);
  }

  @Test
  void has_128_characters_at_most() {
    assertThat(ValueMask.of("a:".repeat(5_000))).hasSize(ValueMask.MAX_CHARS).endsWith("…");
    assertThat(ValueMask.of("a/".repeat(5_000))).isEqualTo("<path>");
  }

  @Test
  void contains_only_separators_and_kinds() {
    Random random = new Random(SEED);
    for (int at = 0; at < MUTATIONS; at++) {
      StringBuilder text = new StringBuilder();
      for (int parts = 1 + random.nextInt(12); parts > 0; parts--) {
        text.append(PARTS.get(random.nextInt(PARTS.size())));
      }
      assertThat(ValueMask.of(text.toString())).as("seed %d, %s", SEED, text).matches(MASKED);
    }
  }
}
