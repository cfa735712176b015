package dev.tokenbroker.edges.telemetry;

import dev.tokenbroker.base.refusal.ShadowFinding;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeObserver;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRecord;
import dev.tokenbroker.evaluate.exchange.evaluation.Intent;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Singleton;

/**
 * Counts what shadow rules would have done, once for each exchange. A caller that gets a held token
 * counts, too: its verdict has the findings of the evaluation that made the token. Safe for use by
 * many threads.
 */
@Singleton
public final class ShadowMeters implements ExchangeObserver {

  private final BoundedCounters<String> results;

  public ShadowMeters(MeterRegistry registry) {
    this.results =
        new BoundedCounters<>(
            (rule, result) ->
                BrokerMeter.SHADOW_RULES
                    .counter()
                    .tag(MeterLabels.RULE, rule)
                    .tag(MeterLabels.RESULT, result)
                    .register(registry),
            result -> result);
  }

  @Override
  public void ended(ExchangeRecord record) {
    Verdict verdict = record.verdict();
    if (verdict.shadowRules().isEmpty() || verdict.intent() != Intent.EXCHANGE) {
      return;
    }
    for (ShadowFinding finding : verdict.shadowRules()) {
      results.increment(finding.rule(), finding.result());
    }
  }
}
