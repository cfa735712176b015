package dev.tokenbroker.rehearsal;

import java.util.Locale;

/** What a candidate federation would change for a recorded request, the worst first. */
public enum ReplayChange {
  NEWLY_ACCEPTED,
  NEWLY_REFUSED,
  OTHER_RULE,
  /** The same rule gives another subject, other scopes or other claims. */
  OTHER_TERMS,
  /** The recording does not say enough to judge it. */
  NOT_REPLAYABLE,
  UNCHANGED;

  /** The name for people and options: {@code newly-refused}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
