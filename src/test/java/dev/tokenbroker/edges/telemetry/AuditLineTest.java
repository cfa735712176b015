package dev.tokenbroker.edges.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.ShadowFinding;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRecord;
import dev.tokenbroker.evaluate.exchange.evaluation.Intent;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("drawn")
class AuditLineTest {

  /** {@code -Dfuzz.mutations=…} tries more. */
  private static final int MUTATIONS = Integer.getInteger("fuzz.mutations", 200);

  private static final List<String> GOLDEN = Golden.lines("audit-lines.txt");

  @Test
  void holds_every_documented_member_of_an_accepted_exchange() {
    assertThat(AuditTexts.of(Records.accepted(Intent.EXCHANGE))).isEqualTo(GOLDEN.get(0) + "\n");
  }

  @Test
  void names_no_token_for_an_explanation() {
    assertThat(line(Records.accepted(Intent.EXPLAIN))).isEqualTo(GOLDEN.get(1));
  }

  @Test
  void names_reason_step_evidence_and_hints_of_a_refusal() {
    Refusal refusal =
        Refusal.of(RefusalReason.AUDIENCE_MISMATCH)
            .expected("one of [https://broker.acme.example]")
            .seen("[https://broker.acme.example/]")
            .hint("aud differs by a trailing slash");
    assertThat(line(Records.refusedFor("github", "repo:acme/payments", refusal)))
        .isEqualTo(GOLDEN.get(2));
  }

  @Test
  void names_what_shadow_rules_would_do() {
    assertThat(
            line(
                Records.shadowed(
                    Records.accepted(Intent.EXPLAIN),
                    new ShadowFinding("deploy-next", null),
                    new ShadowFinding("deploy-all", RefusalReason.SCOPE_NOT_GRANTED))))
        .isEqualTo(GOLDEN.get(7));
  }

  @Test
  void leaves_out_what_is_not_known() {
    assertThat(line(Records.refusedEarly(RefusalReason.REQUEST_INVALID))).isEqualTo(GOLDEN.get(3));
  }

  @Test
  void no_claim_can_end_the_line_or_forge_a_member() throws IOException {
    String hostile = "a\",\"outcome\":\"accepted\"}\n{\"x\":\"\u2028\u202E\u0000\u007F\\";
    String line = line(refused(hostile));
    assertThat(line).matches("[\\x20-\\x7E]*");
    assertThat(members(line)).containsEntry("outcome", "refused");
    assertThat(members(line)).containsEntry("credential_sub", hostile);
  }

  @Test
  void replaces_a_lone_surrogate_by_a_character_for_strict_readers() throws IOException {
    assertThat(members(line(refused("a\uD83Db")))).containsEntry("credential_sub", "a?b");
    assertThat(line(refused("a\uD83D\uDE00b"))).contains("a\\uD83D\\uDE00b");
  }

  @Test
  void a_subject_longer_than_any_known_one_is_cut() throws IOException {
    String longest = "s".repeat(AuditLine.MAX_SUBJECT_CHARS);
    assertThat(members(line(refused(longest)))).containsEntry("credential_sub", longest);
    assertThat(members(line(refused(longest + "s"))))
        .containsEntry("credential_sub", "s".repeat(AuditLine.MAX_SUBJECT_CHARS - 1) + "…");
  }

  @Test
  void any_text_stays_one_readable_line() throws IOException {
    long seed = 20261124L;
    Random random = new Random(seed);
    for (int round = 0; round < MUTATIONS; round++) {
      String subject =
          random
              .ints(random.nextInt(40), 0, 0x10000)
              .collect(
                  StringBuilder::new, (text, c) -> text.append((char) c), StringBuilder::append)
              .toString();
      String line = line(refused(subject));
      assertThat(line).as("seed %s round %s", seed, round).matches("[\\x20-\\x7E]*");
      assertThat(members(line)).as("seed %s round %s", seed, round).containsKey("verdict_id");
    }
  }

  private static String line(ExchangeRecord record) {
    return AuditTexts.of(record).stripTrailing();
  }

  private static ExchangeRecord refused(String subject) {
    return Records.refusedFor(
        "github", subject, Refusal.of(RefusalReason.AUDIENCE_MISMATCH).seen(subject));
  }

  // Text members of the outermost object, which must end where the line does.
  private static Map<String, String> members(String line) throws IOException {
    Map<String, String> members = new HashMap<>();
    try (JsonParser json = new JsonFactory().createParser(line)) {
      assertThat(json.nextToken()).isEqualTo(JsonToken.START_OBJECT);
      while (json.nextToken() != JsonToken.END_OBJECT) {
        String name = json.currentName();
        if (json.nextToken() == JsonToken.VALUE_STRING) {
          assertThat(members.put(name, json.getText())).isNull();
        } else {
          json.skipChildren();
        }
      }
      assertThat(json.nextToken()).isNull();
    }
    return members;
  }
}
