package dev.tokenbroker.edges.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.ShadowFinding;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRecord;
import dev.tokenbroker.evaluate.exchange.evaluation.Intent;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;

class ShadowMetersTest {

  private static final ShadowFinding GRANTS = new ShadowFinding("trial", null);
  private static final ShadowFinding REFUSES =
      new ShadowFinding("trial", RefusalReason.SCOPE_NOT_GRANTED);

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final ShadowMeters meters = new ShadowMeters(registry);

  @Test
  void counts_each_finding_of_an_exchange_by_rule_and_result() {
    meters.ended(shadowed(Intent.EXCHANGE, GRANTS, new ShadowFinding("other", null)));
    meters.ended(shadowed(Intent.EXCHANGE, REFUSES));
    meters.ended(shadowed(Intent.EXCHANGE, GRANTS));

    assertThat(count("trial", "accepted")).isEqualTo(2);
    assertThat(count("trial", "SCOPE_NOT_GRANTED")).isEqualTo(1);
    assertThat(count("other", "accepted")).isEqualTo(1);
  }

  @Test
  void counts_a_refused_exchange_and_one_that_gets_a_held_token() {
    meters.ended(Records.shadowed(Records.hit(), GRANTS));
    meters.ended(Records.shadowed(Records.negativeHit(), GRANTS));
    meters.ended(Records.shadowed(Records.joined(), GRANTS));

    assertThat(count("trial", "accepted")).isEqualTo(3);
  }

  @Test
  void counts_no_explanation_and_no_refresh() {
    meters.ended(shadowed(Intent.EXPLAIN, GRANTS));
    meters.ended(shadowed(Intent.REFRESH, GRANTS));
    meters.ended(Records.accepted(Intent.EXCHANGE));

    assertThat(registry.getMeters()).isEmpty();
  }

  @Test
  void counts_rules_past_the_limit_together() {
    for (int at = 0; at < BoundedCounters.MAX_COUNTERS + 10; at++) {
      meters.ended(shadowed(Intent.EXCHANGE, new ShadowFinding("rule-" + at, null)));
    }

    assertThat(count(BoundedCounters.OTHER, "accepted")).isEqualTo(10);
    assertThat(registry.getMeters()).hasSize(BoundedCounters.MAX_COUNTERS + 1);
  }

  private static ExchangeRecord shadowed(Intent intent, ShadowFinding... findings) {
    return Records.shadowed(Records.accepted(intent), findings);
  }

  private double count(String rule, String result) {
    return registry
        .get(BrokerMeter.SHADOW_RULES.id())
        .tags("rule", rule, "result", result)
        .counter()
        .count();
  }
}
