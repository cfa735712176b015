package dev.tokenbroker.exchange;

import java.util.Locale;

/** What an evaluation is for. */
public enum Intent {
  /** A token is wanted. */
  EXCHANGE,
  /** Only the verdict is. */
  EXPLAIN,
  /** A token that is held is made anew before it ends; nobody waits for it. */
  REFRESH;

  private final String label = name().toLowerCase(Locale.ROOT);

  /** The name in meters and audit lines. */
  public String label() {
    return label;
  }
}
