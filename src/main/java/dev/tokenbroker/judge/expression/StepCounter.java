package dev.tokenbroker.judge.expression;

import com.google.protobuf.ByteString;
import dev.cel.common.ast.CelExpr;
import dev.cel.parser.Operator;
import dev.cel.runtime.CelEvaluationListener;
import java.util.Collection;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Counts the steps of one evaluation, and ends it where it costs too much: CEL for Java has no cost
 * limit.
 *
 * <p>Every evaluated sub-expression is a step. The result of a function counts by its size, one
 * more step for each {@value #SIZE_OF_STEP} characters, bytes or elements: else a few steps could
 * double a string until the memory is full. The input of {@code matches} counts, too, before it is
 * read; see {@link MatchCosts}. The evaluation ends after {@value #MAX_STEPS} steps, or sooner
 * where the {@link StepBudget} of the exchange is spent.
 */
final class StepCounter implements CelEvaluationListener {

  /** The most steps that one evaluation may take. */
  static final int MAX_STEPS = 10_000;

  static final int SIZE_OF_STEP = 100;

  /** The name of a comprehension's result in the standard macros; no author can write it. */
  private static final String ACCUMULATOR = "@result";

  /** Functions that return one of their operands, or an element of one. */
  private static final Set<String> CHOOSING =
      Set.of(Operator.INDEX.getFunction(), Operator.CONDITIONAL.getFunction());

  private final StepBudget budget;
  private final MatchCosts.@Nullable Meter matches;
  private int steps;
  private @Nullable String excess;

  /**
   * @param matches null where the expression matches nothing
   */
  StepCounter(StepBudget budget, MatchCosts.@Nullable Meter matches) {
    this.budget = budget;
    this.matches = matches;
  }

  @Override
  public void callback(CelExpr step, Object result) {
    int sized = size(result) / SIZE_OF_STEP;
    long taken = sized > 0 && makes(step) ? 1 + sized : 1;
    if (matches != null) {
      taken += matches.steps(step, result);
    }
    if (excess == null && taken > MAX_STEPS - steps) {
      excess = "takes more than " + MAX_STEPS + " evaluation steps";
    } else if (excess == null && !budget.take((int) taken)) {
      excess =
          "is past the "
              + StepBudget.MAX_STEPS
              + " evaluation steps that "
              + budget.sharers()
              + " of one exchange may take together";
    }
    if (excess != null) {
      throw new StepsExhausted();
    }
    steps += (int) taken;
  }

  /** Why the evaluation was ended; null where the limits were kept. */
  @Nullable String excess() {
    return excess;
  }

  /** Whether the step makes a new value, unlike a read or an append within a comprehension. */
  private static boolean makes(CelExpr step) {
    return step.getKind() == CelExpr.ExprKind.Kind.CALL
        && !CHOOSING.contains(step.call().function())
        && step.call().args().stream().noneMatch(StepCounter::isAccumulator);
  }

  private static boolean isAccumulator(CelExpr operand) {
    return operand.getKind() == CelExpr.ExprKind.Kind.IDENT
        && operand.ident().name().equals(ACCUMULATOR);
  }

  private static int size(@Nullable Object made) {
    return switch (made) {
      case String text -> text.length();
      case ByteString bytes -> bytes.size();
      case Collection<?> list -> list.size();
      case null, default -> 0;
    };
  }

  /** Ends an evaluation that costs too much; carries nothing, not even a stack trace. */
  private static final class StepsExhausted extends RuntimeException {

    StepsExhausted() {
      super("cost limit exceeded", null, false, false);
    }
  }
}
