package dev.tokenbroker.judge.expression;

import dev.cel.common.CelErrorCode;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.navigation.CelNavigableExpr;
import dev.cel.parser.Operator;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelUnknownSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * A CEL expression of the federation document, type-checked and ready to run; made by {@link
 * Expressions}. Immutable and safe for use by several threads.
 *
 * <p>A {@link StepCounter} bounds its cost. CEL's logical operators absorb errors, the counter's
 * included, so the counter and not the result tells whether the limit was exceeded.
 */
public final class Expression {

  private final String source;
  private final CelRuntime.Program program;
  private final Absences absences;
  private final MatchCosts matches;
  private final ClaimUses uses;
  private final CelExpr root;

  Expression(
      String source,
      CelExpr root,
      CelRuntime.Program program,
      Absences absences,
      MatchCosts matches,
      ClaimUses uses) {
    this.source = source;
    this.root = root;
    this.program = program;
    this.absences = absences;
    this.matches = matches;
    this.uses = uses;
  }

  /** The expression as written in the document. */
  public String source() {
    return source;
  }

  /** Its shape as a condition. Without variables, its value is known. */
  ConditionShape shape() {
    boolean constant =
        CelNavigableExpr.fromExpr(root)
            .allNodes()
            .noneMatch(node -> node.getKind() == CelExpr.ExprKind.Kind.IDENT);
    return constant
            && evaluate(new Facts("", "", "", null, Map.of()), StepBudget.ofRules())
                instanceof Evaluated.Value<Object>(Boolean value)
        ? ConditionShape.constant(root, value)
        : ConditionShape.of(root);
  }

  /** The string constants in it; for hints only. */
  Set<String> texts() {
    return uses.texts();
  }

  /** The constant with which the text that it makes begins; empty if there is none. */
  public String prefix() {
    CelExpr first = root;
    while (first.getKind() == CelExpr.ExprKind.Kind.CALL
        && first.call().function().equals(Operator.ADD.getFunction())) {
      first = first.call().args().getFirst();
    }
    return first.getKind() == CelExpr.ExprKind.Kind.CONSTANT
            && first.constant().getKind() == CelConstant.Kind.STRING_VALUE
        ? first.constant().stringValue()
        : "";
  }

  /** The claims that it reads. */
  public ClaimUses uses() {
    return uses;
  }

  /** Evaluates; {@code Failed} if it exceeds its own step limit or the budget. */
  public Evaluated<Object> evaluate(Facts facts, StepBudget budget) {
    StepCounter counter = new StepCounter(budget, matches.meter());
    Evaluated<Object> evaluation = run(facts, counter);
    String excess = counter.excess();
    if (excess != null) {
      return new Evaluated.Failed<>(excess, "");
    }
    return evaluation instanceof Evaluated.Value<Object>(CelUnknownSet _)
        ? withoutClient(facts, budget)
        : evaluation;
  }

  /**
   * Only the client can be unknown. A claim of the wrong type must not hide behind it, so this
   * looks whether the expression would fail for a client that cannot be.
   */
  private Evaluated<Object> withoutClient(Facts facts, StepBudget budget) {
    Evaluated<Object> known = evaluate(facts.by(""), budget);
    return known instanceof Evaluated.Failed ? known : new Evaluated.Missing<>("no client");
  }

  /**
   * The comparisons because of which this condition does not hold; empty if the budget is spent.
   * Evaluates once more, so that only refusals pay for watching.
   */
  List<String> failed(Facts facts, StepBudget budget) {
    StepCounter counter = new StepCounter(budget, matches.meter());
    ConditionTrace trace = new ConditionTrace();
    try {
      program.trace(facts, trace.listener(counter));
    } catch (CelEvaluationException | RuntimeException missing) {
      // The values before the failure are the evidence.
      return counter.excess() == null ? trace.failed(root) : List.of();
    }
    return trace.failed(root);
  }

  private Evaluated<Object> run(Facts facts, StepCounter counter) {
    try {
      return new Evaluated.Value<>(program.trace(facts, counter));
    } catch (CelEvaluationException e) {
      return counter.excess() == null ? failure(e, facts) : new Evaluated.Failed<>("", "");
    } catch (RuntimeException e) {
      // CEL does not wrap some errors of its functions: unforeseen claims must end as a refusal
      // that names the rule, not as a bug of ours.
      return new Evaluated.Failed<>("cannot be evaluated", e.getClass().getSimpleName());
    }
  }

  /**
   * Describes an evaluation that has failed within its cost. Evaluates once more, so that
   * successful evaluations do not pay for watching. This is not counted, so a failed expression may
   * cost twice its limit.
   */
  private Evaluated<Object> failure(CelEvaluationException e, Facts facts) {
    Absences.AbsenceWatch watch = absences.watch();
    ConditionTrace trace = new ConditionTrace();
    CelErrorCode code = e.getErrorCode();
    boolean absence =
        code == CelErrorCode.ATTRIBUTE_NOT_FOUND || code == CelErrorCode.INDEX_OUT_OF_BOUNDS;
    boolean again = false;
    try {
      program.trace(facts, trace.listener(watch::computed));
    } catch (CelEvaluationException same) {
      again = true;
    }
    String detail = trace.broken(root).orElse(String.valueOf(e.getMessage()));
    if (absence && again && watch.onlyMissed()) {
      return new Evaluated.Missing<>(detail);
    }
    boolean type = code == CelErrorCode.OVERLOAD_NOT_FOUND || code == CelErrorCode.INVALID_ARGUMENT;
    String why =
        absence || type
            ? "a claim is not what it is taken for"
            : code.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    return new Evaluated.Failed<>("cannot be evaluated: " + why, detail);
  }
}
