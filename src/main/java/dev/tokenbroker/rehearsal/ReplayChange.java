package dev.tokenbroker.rehearsal;

import java.util.Locale;

/** The effect of a candidate federation on a recorded request, the worst first. */
public enum ReplayChange {
  NEWLY_ACCEPTED,
  NEWLY_REFUSED,
  OTHER_RULE,
  /** The same rule gives another subject, other scopes or other claims. */
  OTHER_TERMS,
  /** The recording has too few claims for a judgement. */
  NOT_REPLAYABLE,
  UNCHANGED;

  /** The name for people and options: {@code newly-refused}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
