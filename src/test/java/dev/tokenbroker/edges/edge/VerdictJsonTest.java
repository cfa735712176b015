package dev.tokenbroker.edges.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.ShadowFinding;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.edges.edge.Explanations.DisclosedExplanation;
import dev.tokenbroker.evaluate.exchange.evaluation.Intent;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class VerdictJsonTest {

  private static final Instant TIME = Instant.parse("2026-11-24T12:00:00.123456Z");

  @Test
  void has_the_members_of_the_message_with_lower_case_enums() {
    JsonObject json = VerdictJson.of(VerdictMessages.of(refused("payments-api")));

    assertThat(json.fieldNames())
        .containsExactly(
            "id",
            "outcome",
            "reason",
            "federation_revision",
            "issuer",
            "target",
            "steps",
            "remedy",
            "hints",
            "evaluation_time",
            "shadow_rules");
    assertThat(json.getMap())
        .containsEntry("outcome", "refused")
        .containsEntry("reason", "NO_RULE_MATCHED")
        .containsEntry("evaluation_time", "2026-11-24T12:00:00.123456Z");
    assertThat(json.getJsonArray("hints")).containsExactly("a hint", "a note");
    assertThat(json.getJsonArray("shadow_rules"))
        .containsExactly(
            JsonObject.of("rule", "near", "outcome", "accepted"),
            JsonObject.of("rule", "far", "outcome", "refused", "reason", "SCOPE_NOT_GRANTED"));
    assertThat(step(json, Step.SIGNATURE))
        .isEqualTo(JsonObject.of("name", "signature", "result", "passed", "seen", "<kid & \"x\">"));
    assertThat(step(json, Step.RULE))
        .isEqualTo(
            JsonObject.of(
                "name",
                "rule",
                "result",
                "failed",
                "expected",
                "a rule",
                "seen",
                "none",
                "remedy",
                RefusalReason.NO_RULE_MATCHED.remedy()));
    assertThat(step(json, Step.MINT)).isEqualTo(JsonObject.of("name", "mint", "result", "skipped"));
  }

  @Test
  void operators_also_see_intent_notes_and_times() {
    JsonObject json = VerdictJson.of(refused("payments-api"));

    assertThat(json.getString("intent")).isEqualTo("explain");
    assertThat(json.getJsonArray("hints")).containsExactly("a hint");
    assertThat(json.getJsonArray("notes")).containsExactly("a note");
    assertThat(step(json, Step.SIGNATURE).getValue("micros")).isInstanceOf(Number.class);
    assertThat(step(json, Step.MINT).getValue("micros")).isEqualTo(0L);
  }

  @Test
  void the_verdict_of_a_candidate_has_the_same_form() {
    JsonObject json =
        VerdictJson.of(new DisclosedExplanation(refused("payments-api"), refused("orders")));

    assertThat(json.getJsonObject("candidate").getMap())
        .containsEntry("target", "orders")
        .containsEntry("outcome", "refused")
        .containsEntry("intent", "explain");
    assertThat(VerdictJson.of(new DisclosedExplanation(refused("payments-api"), null)).fieldNames())
        .doesNotContain("candidate");
  }

  /** A caller chooses the target. */
  @Test
  void a_text_that_looks_like_the_value_of_an_enum_stays_as_it_is() {
    for (String text :
        new String[] {"OUTCOME_ACCEPTED", "\"outcome\": \"OUTCOME_ACCEPTED\"", "\": \"OUTCOME_A"}) {
      assertThat(VerdictJson.of(refused(text)).getString("target")).isEqualTo(text);
    }
  }

  private static Verdict refused(String target) {
    Trail trail = new Trail();
    trail.issuer("github");
    trail.passed(Step.SIGNATURE, "", "<kid & \"x\">");
    trail.note("a note");
    trail.shadow(new ShadowFinding("near", null));
    trail.shadow(new ShadowFinding("far", RefusalReason.SCOPE_NOT_GRANTED));
    trail.refuse(
        Step.RULE,
        Refusal.of(RefusalReason.NO_RULE_MATCHED).expected("a rule").seen("none").hint("a hint"));
    return Verdict.of("v1", TIME, Intent.EXPLAIN, "0".repeat(64), target, trail);
  }

  private static JsonObject step(JsonObject verdict, Step step) {
    return verdict.getJsonArray("steps").stream()
        .map(JsonObject.class::cast)
        .filter(one -> one.getString("name").equals(step.label()))
        .findFirst()
        .orElseThrow();
  }
}
