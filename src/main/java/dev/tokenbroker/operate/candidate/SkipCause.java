package dev.tokenbroker.operate.candidate;

import java.util.Locale;

/** The cause why a sampled exchange is not compared. */
public enum SkipCause {
  /** Too many exchanges wait for the comparison. */
  QUEUE_FULL,
  /** The exchange ended before the rules of the federation in force. */
  NOT_JUDGED,
  /** The exchange was judged by a federation that is no longer in force. */
  OTHER_REVISION,
  /** A bug ended the comparison. */
  FAILED;

  private final String label = name().toLowerCase(Locale.ROOT).replace('_', '-');

  /** The name in reports and meters: {@code queue-full}. */
  public String label() {
    return label;
  }
}
