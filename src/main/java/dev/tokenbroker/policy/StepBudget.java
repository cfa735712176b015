package dev.tokenbroker.policy;

/**
 * The evaluation steps that all expressions of one exchange may take together, those run for hints
 * among them: without it, the cost of an exchange would grow with the number of its rules. Confined
 * to one call.
 */
final class StepBudget {

  /**
   * The most sub-expressions that one exchange may compute, but for what {@link Expression} looks
   * at once more.
   */
  static final int MAX_STEPS = 100_000;

  private int left = MAX_STEPS;

  /** Takes that many steps; false where there are not so many left, and then none is. */
  boolean take(int steps) {
    boolean enough = steps <= left;
    left = enough ? left - steps : 0;
    return enough;
  }
}
