package dev.tokenbroker.command.doctor;

import java.util.Locale;

/** The result of one check. */
public enum CheckResult {
  PASSED,
  WARNING,
  FAILED,
  /** An earlier check of the same subject failed, or the check does not apply. */
  SKIPPED;

  /** The word in JSON. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
