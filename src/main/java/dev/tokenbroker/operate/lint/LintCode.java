package dev.tokenbroker.operate.lint;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * The kind of a warning. Codes are stable: comments in documents name them. {@code lint.md} has a
 * section for each code.
 */
public enum LintCode {
  SUBJECT_OWNER_UNBOUND,
  OWNER_BOUND_BYPASSED,
  REUSABLE_NAME,
  PULL_REQUEST_EXPOSED,
  OPEN_TO_ANY_HOLDER,
  SUBJECT_REUSABLE_NAME,
  SUBJECT_SHARED_BY_ISSUERS,
  OPEN_ENDED_TEXT,
  UNANCHORED_PATTERN,
  PATTERN_DOT,
  TYPE_NEVER_MATCHES,
  NEVER_HOLDS,
  RULE_HIDDEN,
  LONG_OUTLIVING_TOKEN,
  DISABLED_RULE,
  DISABLED_ISSUER,
  TARGET_WITHOUT_RULE,
  ISSUER_WITHOUT_RULE,
  UPSTREAM_WITHOUT_TARGET,
  DEFAULT_AUDIENCE,
  SILENCE_UNKNOWN_CODE,
  SILENCE_WITHOUT_REASON,
  SILENCE_UNUSED;

  /** The word in the output, in comments and in the document. */
  public String code() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Returns the code of that word. */
  static Optional<LintCode> named(String code) {
    return Arrays.stream(values()).filter(known -> known.code().equals(code)).findFirst();
  }

  /** Whether the warning is about a silencing comment. No comment silences such a warning. */
  boolean isAboutSilence() {
    return this == SILENCE_UNKNOWN_CODE || this == SILENCE_WITHOUT_REASON || this == SILENCE_UNUSED;
  }
}
