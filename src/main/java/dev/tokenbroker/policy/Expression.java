package dev.tokenbroker.policy;

import dev.cel.common.CelErrorCode;
import dev.cel.common.ast.CelExpr;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelEvaluationListener;
import dev.cel.runtime.CelRuntime;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A CEL expression of the federation document, type-checked and ready to run; made by {@link
 * Expressions}. Immutable and safe for use by several threads.
 *
 * <p><b>Cost.</b> CEL for Java has no cost limit, so a listener counts every sub-expression that is
 * evaluated and ends the evaluation after {@value #MAX_STEPS}, or sooner where the {@link
 * StepBudget} of the exchange is spent. CEL's logical operators absorb errors, ours included: after
 * the end of an evaluation the counter is asked, not the result.
 */
public final class Expression {

  /** The most sub-expressions that one evaluation may compute. */
  public static final int MAX_STEPS = 10_000;

  private final String source;
  private final CelRuntime.Program program;
  private final Absences absences;
  private final Set<String> texts;

  Expression(String source, CelRuntime.Program program, Absences absences, Set<String> texts) {
    this.source = source;
    this.program = program;
    this.absences = absences;
    this.texts = Set.copyOf(texts);
  }

  /** The expression as it stands in the document. */
  public String source() {
    return source;
  }

  /** The string constants in it; for hints only. */
  Set<String> texts() {
    return texts;
  }

  /** Evaluates; {@code Failed} where it takes too many steps by itself or within the budget. */
  Evaluation<Object> evaluate(Facts facts, StepBudget budget) {
    StepCounter counter = new StepCounter(budget);
    Evaluation<Object> evaluation = run(facts, counter);
    String excess = counter.excess();
    return excess == null ? evaluation : new Evaluation.Failed<>(excess, "");
  }

  private Evaluation<Object> run(Facts facts, StepCounter counter) {
    Absences.Watch watch = absences.watch();
    CelEvaluationListener listener =
        (step, value) -> {
          counter.callback(step, value);
          watch.computed(step, value);
        };
    try {
      return new Evaluation.Value<>(program.trace(facts.variables(), listener));
    } catch (CelEvaluationException e) {
      return failure(e, watch.onlyMissed());
    } catch (RuntimeException e) {
      // CEL lets some errors of its functions through unwrapped: claims that no author foresaw must
      // end as a refusal that names the rule, not as a bug of ours.
      return new Evaluation.Failed<>("cannot be evaluated", e.getClass().getSimpleName());
    }
  }

  private static Evaluation<Object> failure(CelEvaluationException e, boolean onlyMissed) {
    String detail = String.valueOf(e.getMessage());
    CelErrorCode code = e.getErrorCode();
    if (code != CelErrorCode.ATTRIBUTE_NOT_FOUND && code != CelErrorCode.INDEX_OUT_OF_BOUNDS) {
      return new Evaluation.Failed<>(
          "cannot be evaluated: " + code.name().toLowerCase(Locale.ROOT).replace('_', ' '), detail);
    }
    return onlyMissed
        ? new Evaluation.Missing<>(detail)
        : new Evaluation.Failed<>(
            "cannot be evaluated: a claim is not what it is taken for", detail);
  }

  /** Counts the steps of one evaluation. */
  private static final class StepCounter implements CelEvaluationListener {

    private final StepBudget budget;
    private int steps;
    private @Nullable String excess;

    StepCounter(StepBudget budget) {
      this.budget = budget;
    }

    @Override
    public void callback(CelExpr step, Object result) {
      if (excess == null && ++steps > MAX_STEPS) {
        excess = "takes more than " + MAX_STEPS + " evaluation steps";
      } else if (excess == null && !budget.take()) {
        excess =
            "is past the "
                + StepBudget.MAX_STEPS
                + " evaluation steps that all rules of one exchange may take together";
      }
      if (excess != null) {
        throw new StepsExhausted();
      }
    }

    /** Why the evaluation was ended; null where it was not. */
    @Nullable String excess() {
      return excess;
    }
  }

  /** Ends an evaluation that costs too much; carries nothing, not even a stack trace. */
  private static final class StepsExhausted extends RuntimeException {

    StepsExhausted() {
      super("cost limit exceeded", null, false, false);
    }
  }
}
