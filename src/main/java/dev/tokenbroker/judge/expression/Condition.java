package dev.tokenbroker.judge.expression;

import java.util.List;
import java.util.Set;

/** The {@code when} of a rule: an expression whose value is a boolean. */
public final class Condition {

  private final Expression expression;

  Condition(Expression expression) {
    this.expression = expression;
  }

  /** The condition as written in the document. */
  public String source() {
    return expression.source();
  }

  /** The claims that it reads, and how. */
  public ClaimUses uses() {
    return expression.uses();
  }

  /** What it demands, whatever the credential; computed at each call. */
  public ConditionShape shape() {
    return expression.shape();
  }

  /** The string constants in it; for hints only. */
  public Set<String> texts() {
    return expression.texts();
  }

  public Evaluated<Boolean> evaluate(Facts facts, StepBudget budget) {
    return switch (expression.evaluate(facts, budget)) {
      case Evaluated.Value<Object>(Boolean held) -> new Evaluated.Value<>(held);
      case Evaluated.Value<Object>(Object other) ->
          new Evaluated.Failed<>("is neither true nor false", other.getClass().getSimpleName());
      case Evaluated.Missing<Object> missing -> missing.as();
      case Evaluated.Failed<Object> failed -> failed.as();
    };
  }

  /** Why the condition does not hold, as comparisons with both sides; evaluates once more. */
  public List<String> failed(Facts facts, StepBudget budget) {
    return expression.failed(facts, budget);
  }

  public boolean holds(Facts facts, StepBudget budget) {
    return evaluate(facts, budget) instanceof Evaluated.Value<Boolean>(Boolean held) && held;
  }
}
