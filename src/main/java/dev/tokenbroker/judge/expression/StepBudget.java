package dev.tokenbroker.judge.expression;

/**
 * The evaluation steps that all expressions of one exchange may take together, including those for
 * hints. Without it, the cost of an exchange would grow with the number of its rules. Shadow rules
 * have a budget of their own, so that they never take steps of the rules that decide. Confined to
 * one call.
 */
public final class StepBudget {

  /** The most steps of one exchange, apart from the repeated evaluations of {@link Expression}. */
  public static final int MAX_STEPS = 100_000;

  private final String sharers;
  private int left = MAX_STEPS;

  private StepBudget(String sharers) {
    this.sharers = sharers;
  }

  /** The budget of the rules that can decide. */
  public static StepBudget ofRules() {
    return new StepBudget("all rules");
  }

  /** The budget of the shadow rules. */
  public static StepBudget ofShadowRules() {
    return new StepBudget("all shadow rules");
  }

  /** The rules that share this budget, in words. */
  String sharers() {
    return sharers;
  }

  /** Takes that many steps; if fewer are left, returns false and leaves none. */
  boolean take(int steps) {
    boolean enough = steps <= left;
    left = enough ? left - steps : 0;
    return enough;
  }

  /** Whether no step is left. */
  public boolean isSpent() {
    return left == 0;
  }
}
