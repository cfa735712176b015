package dev.tokenbroker.policy;

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

  /** The string constants in it; for hints only. */
  Set<String> texts() {
    return expression.texts();
  }

  Evaluation<Boolean> evaluate(Facts facts, StepBudget budget) {
    return switch (expression.evaluate(facts, budget)) {
      case Evaluation.Value<Object>(Boolean held) -> new Evaluation.Value<>(held);
      case Evaluation.Value<Object>(Object other) ->
          new Evaluation.Failed<>("is neither true nor false", other.getClass().getSimpleName());
      case Evaluation.Missing<Object> missing -> missing.as();
      case Evaluation.Failed<Object> failed -> failed.as();
    };
  }

  boolean holds(Facts facts, StepBudget budget) {
    return evaluate(facts, budget) instanceof Evaluation.Value<Boolean>(Boolean held) && held;
  }
}
