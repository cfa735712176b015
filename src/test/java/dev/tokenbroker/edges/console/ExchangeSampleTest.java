package dev.tokenbroker.edges.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.evaluate.exchange.evaluation.Intent;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExchangeSampleTest {

  private static final int MANY = 100;

  private final ExchangeSample sample = new ExchangeSample();

  private void calls() {
    for (int call = 0; call < MANY; call++) {
      sample.ended(LiveRecords.accepted("a"));
      sample.ended(LiveRecords.refused(RefusalReason.NO_RULE_MATCHED));
    }
  }

  private static List<String> outcomes(List<LiveLine> lines) {
    return lines.stream().map(line -> json(line).getString("outcome")).toList();
  }

  private static JsonObject json(LiveLine line) {
    return new JsonObject(new String(line.json(0), StandardCharsets.UTF_8));
  }

  @Test
  void takes_nothing_while_nobody_watches() {
    calls();
    sample.begin();
    assertThat(sample.taken()).isEmpty();

    sample.end();
    calls();
    assertThat(sample.taken()).isEmpty();
  }

  @Test
  void shows_ten_of_each_outcome_spread_over_a_second() {
    sample.begin();
    List<LiveLine> shown = new ArrayList<>();
    for (int look = 0; look < MANY; look++) {
      calls();
      List<LiveLine> taken = sample.taken();
      assertThat(taken.size()).isLessThanOrEqualTo(10);
      shown.addAll(taken);
    }

    assertThat(shown).hasSize(20);
    assertThat(outcomes(shown)).filteredOn("accepted"::equals).hasSize(10);
    assertThat(sample.nextSecond()).isEqualTo(20);
    calls();
    assertThat(sample.taken()).hasSize(10);
  }

  @Test
  void shows_every_one_of_a_few_exchanges() {
    sample.begin();
    for (int call = 0; call < 5; call++) {
      sample.ended(LiveRecords.accepted("a"));
    }

    assertThat(sample.taken()).hasSize(5);
  }

  @Test
  void does_not_show_a_refresh_that_no_caller_requested() {
    sample.begin();
    sample.ended(LiveRecords.of(Intent.REFRESH));

    assertThat(sample.taken()).isEmpty();
  }

  @Test
  void a_line_names_what_decided_and_never_the_subject() {
    sample.begin();
    sample.ended(LiveRecords.accepted("deploy"));

    JsonObject line = json(sample.taken().getFirst());

    assertThat(line)
        .isEqualTo(
            new JsonObject(
                """
                {"event": "exchange", "time": "2026-11-24T12:00:00Z", "edge": "grpc",
                 "verdict_id": "0123456789abcdef0123456789abcdef", "intent": "exchange",
                 "outcome": "accepted", "issuer": "github", "rule": "deploy",
                 "target": "payments-api", "cached": false, "micros": 2000}
                """));
    assertThat(line.encode()).doesNotContain(LiveRecords.SUBJECT, "192.0.2.7", "a1b2c3d4");
  }
}
