package dev.tokenbroker.edges.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.evaluate.exchange.evaluation.Intent;
import dev.tokenbroker.process.runtime.TestClock;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExchangeSecondsTest {

  private final ExchangeSeconds seconds = new ExchangeSeconds(new TestClock());

  private JsonObject next(int shown) {
    return new JsonObject(new String(seconds.next(shown).json(7), StandardCharsets.UTF_8));
  }

  @Test
  void a_line_counts_what_ended_in_its_second_only() {
    seconds.ended(LiveRecords.accepted("a"));
    seconds.begin();
    seconds.ended(LiveRecords.accepted("a"));
    seconds.ended(LiveRecords.refused(RefusalReason.KEY_UNKNOWN));
    seconds.ended(LiveRecords.refused(RefusalReason.NO_RULE_MATCHED));
    seconds.ended(LiveRecords.refused(RefusalReason.NO_RULE_MATCHED));

    JsonObject second = next(1);

    assertThat(second.getInteger("accepted")).isEqualTo(1);
    assertThat(second.getInteger("refused")).isEqualTo(3);
    assertThat(second.getInteger("left_out")).isEqualTo(3);
    assertThat(second.getDouble("mean_micros")).isEqualTo(2_000);
    assertThat(second.getInteger("missed")).isEqualTo(7);
    assertThat(LiveClient.objects(second, "reasons"))
        .containsExactly(
            JsonObject.of("reason", "NO_RULE_MATCHED", "issuer", "github", "count", 2),
            JsonObject.of("reason", "KEY_UNKNOWN", "issuer", "github", "count", 1));
    assertThat(LiveClient.objects(second, "steps"))
        .singleElement()
        .satisfies(
            step -> {
              assertThat(step.getString("step")).isEqualTo("request");
              assertThat(step.getInteger("count")).isEqualTo(4);
            });
    assertThat(next(0).getInteger("refused")).isZero();
  }

  @Test
  void steps_are_counted_by_their_time_from_the_first_second_on() {
    seconds.ended(LiveRecords.accepted("a"));
    seconds.begin();
    seconds.ended(LiveRecords.accepted("a"));

    assertThat(LiveClient.objects(next(0), "steps"))
        .singleElement()
        .satisfies(
            step ->
                assertThat(step.getJsonObject("at_most_micros").stream())
                    .singleElement()
                    .satisfies(bucket -> assertThat(bucket.getValue()).isEqualTo(1)));
  }

  @Test
  void a_second_without_exchanges_has_no_reasons_and_no_steps() {
    seconds.begin();

    JsonObject second = next(0);

    assertThat(second.getInteger("accepted")).isZero();
    assertThat(second.getDouble("mean_micros")).isZero();
    assertThat(second.getJsonArray("reasons")).isEmpty();
    assertThat(second.getJsonArray("steps")).isEmpty();
  }

  @Test
  void a_refresh_is_neither_accepted_nor_refused() {
    seconds.begin();
    seconds.ended(LiveRecords.of(Intent.REFRESH));

    assertThat(next(0).getInteger("accepted")).isZero();
  }

  /** The sample and the counts see an exchange at slightly different times. */
  @Test
  void the_next_second_settles_what_was_shown_before_it_was_counted() {
    seconds.begin();
    assertThat(next(1).getInteger("left_out")).isZero();
    seconds.ended(LiveRecords.accepted("a"));
    seconds.ended(LiveRecords.accepted("a"));

    assertThat(next(0).getInteger("left_out")).isEqualTo(1);
  }

  @Test
  void a_line_has_the_twenty_most_frequent_reasons() {
    seconds.begin();
    List<RefusalReason> reasons = List.of(RefusalReason.values());
    for (int reason = 0; reason < 30; reason++) {
      for (int call = 0; call <= reason; call++) {
        seconds.ended(LiveRecords.refused(reasons.get(reason)));
      }
    }

    assertThat(LiveClient.objects(next(0), "reasons"))
        .hasSize(20)
        .first()
        .satisfies(most -> assertThat(most.getInteger("count")).isEqualTo(30));
  }
}
