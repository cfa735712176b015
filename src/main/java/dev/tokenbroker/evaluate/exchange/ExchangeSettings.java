package dev.tokenbroker.evaluate.exchange;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Settings of the exchange itself. */
@ConfigMapping(prefix = "token-broker.exchange")
public interface ExchangeSettings {

  /**
   * How long an exchange may take if the caller sets no deadline; also the most that a caller can
   * ask for.
   */
  @WithDefault("10s")
  Duration maxDuration();

  /**
   * How many verdicts are kept for operators. A sixteenth as many are kept of requests that were
   * refused unjudged.
   */
  @WithDefault("10000")
  int maxVerdicts();

  /** How long a verdict is kept for operators. */
  @WithDefault("1h")
  Duration verdictTtl();
}
