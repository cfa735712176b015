package dev.tokenbroker.policy;

import dev.tokenbroker.outcome.Trail;
import org.jspecify.annotations.Nullable;

/**
 * The rules of one exchange whose conditions did not hold. The first {@value #MAX_NOTES} are noted
 * for operators; no trail keeps more. Confined to one call.
 */
final class RejectedRules {

  private static final int MAX_NOTES = 32;

  private final Trail trail;
  private int noted;
  private @Nullable Rule missing;

  RejectedRules(Trail trail) {
    this.trail = trail;
  }

  /** Adds a rule whose condition is false. */
  void add(Rule rule) {
    if (noted++ < MAX_NOTES) {
      trail.note(rule.rejection());
    }
  }

  /** Adds a rule whose condition reads a claim that the credential does not have. */
  void addMissing(Rule rule, String detail) {
    if (missing == null) {
      missing = rule;
    }
    if (noted++ < MAX_NOTES) {
      trail.note(rule.rejection(detail));
    }
  }

  /** The first rule that reads a missing claim; null where none does. */
  @Nullable Rule missing() {
    return missing;
  }
}
