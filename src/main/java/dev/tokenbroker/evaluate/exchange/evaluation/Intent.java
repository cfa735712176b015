package dev.tokenbroker.evaluate.exchange.evaluation;

import java.util.Locale;

/** The purpose of an evaluation. */
public enum Intent {
  /** The caller wants a token. */
  EXCHANGE,
  /** The caller wants only the verdict. */
  EXPLAIN,
  /** The broker renews a cached token before it expires; no caller waits for it. */
  REFRESH;

  private final String label = name().toLowerCase(Locale.ROOT);

  /** The name in meters and audit lines. */
  public String label() {
    return label;
  }
}
