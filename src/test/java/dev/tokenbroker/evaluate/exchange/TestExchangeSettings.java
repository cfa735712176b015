package dev.tokenbroker.evaluate.exchange;

import java.time.Duration;

/** The default settings. */
public record TestExchangeSettings() implements ExchangeSettings {

  @Override
  public Duration maxDuration() {
    return Duration.ofSeconds(10);
  }

  @Override
  public int maxVerdicts() {
    return 10_000;
  }

  @Override
  public Duration verdictTtl() {
    return Duration.ofHours(1);
  }
}
