package dev.tokenbroker.operate.cases;

import dev.tokenbroker.operate.cases.Judgement.Granted;
import java.util.Locale;
import java.util.function.BiPredicate;

/** The effect of a candidate federation on a request, the worst first. */
public enum CandidateEffect {
  NEWLY_ACCEPTED,
  NEWLY_REFUSED,
  OTHER_RULE,
  /** The same rule grants another token: another subject, other scopes or other claims. */
  OTHER_GRANT,
  /** The recording has too few claims for a judgement. Only a replay has this effect. */
  NOT_REPLAYABLE,
  UNCHANGED;

  private final String label = name().toLowerCase(Locale.ROOT).replace('_', '-');

  /** Compares all that two decisions give. Two refusals are equal, whatever their reasons are. */
  public static CandidateEffect between(Judgement inForce, Judgement candidate) {
    return between(inForce, candidate, Granted::isSameGrant);
  }

  /**
   * Compares two decisions.
   *
   * @param same whether two decisions of one rule give the same token
   */
  public static CandidateEffect between(
      Judgement inForce, Judgement candidate, BiPredicate<Granted, Granted> same) {
    boolean accepts = candidate instanceof Granted;
    if (!(inForce instanceof Granted before)) {
      return accepts ? NEWLY_ACCEPTED : UNCHANGED;
    }
    if (!(candidate instanceof Granted after)) {
      return NEWLY_REFUSED;
    }
    if (!before.rule().equals(after.rule())) {
      return OTHER_RULE;
    }
    return same.test(before, after) ? UNCHANGED : OTHER_GRANT;
  }

  /** The name for people and options: {@code newly-refused}. */
  public String label() {
    return label;
  }
}
