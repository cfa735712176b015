package dev.tokenbroker.policy;

/**
 * The evaluation steps that all expressions of one exchange may take together, including those for
 * hints. Without it, the cost of an exchange would grow with the number of its rules. Confined to
 * one call.
 */
final class StepBudget {

  /** The most steps of one exchange, apart from the repeated evaluations of {@link Expression}. */
  static final int MAX_STEPS = 100_000;

  private int left = MAX_STEPS;

  /** Takes that many steps; if fewer are left, returns false and leaves none. */
  boolean take(int steps) {
    boolean enough = steps <= left;
    left = enough ? left - steps : 0;
    return enough;
  }
}
