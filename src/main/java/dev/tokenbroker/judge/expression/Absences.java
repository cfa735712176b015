package dev.tokenbroker.judge.expression;

import dev.cel.common.ast.CelExpr;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.navigation.CelNavigableExpr;
import dev.cel.parser.Operator;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a failed evaluation only lacked claims, or failed for another reason, too.
 * Immutable; a {@link AbsenceWatch} observes one evaluation.
 *
 * <p>The error code of CEL cannot decide this. A field that is missing from a map and a field of a
 * value that is no map have one code. Where both operands of a logical operator fail, CEL reports
 * only the left one's error. Either would let a claim of another type pass for a missing one.
 *
 * <p>So this class looks at the values. CEL reports each sub-expression that has a value, operands
 * first, from left to right. A strict one is anything but a logical operator, a conditional and a
 * comprehension, so it is reported right after its last operand. If another one follows, or none,
 * it has failed, and the values of its operands show whether an element was missing. The others
 * fail by themselves only where an operand has the wrong type. A comprehension also fails where the
 * iterations of the evaluation are used up. Its condition has a value for each iteration, so an
 * evaluation that used all of them may have needed one more.
 */
final class Absences {

  private static final Set<String> LAZY =
      Set.of(
          Operator.LOGICAL_AND.getFunction(),
          Operator.LOGICAL_OR.getFunction(),
          Operator.CONDITIONAL.getFunction(),
          Operator.NOT_STRICTLY_FALSE.getFunction());

  private final Map<Long, CelExpr> strictByLastOperand = new HashMap<>();
  private final Set<Long> containers = new HashSet<>();
  private final Set<Long> truths = new HashSet<>();
  private final Set<Long> ranges = new HashSet<>();
  private final Set<Long> iterations = new HashSet<>();

  Absences(CelNavigableAst ast) {
    ast.getRoot().allNodes().forEach(this::note);
  }

  private void note(CelNavigableExpr node) {
    CelExpr expr = node.expr();
    switch (node.getKind()) {
      case SELECT -> {
        containers.add(expr.select().operand().id());
        noteStrict(node);
      }
      case CALL -> noteCall(node, expr.call());
      case LIST, MAP, STRUCT -> noteStrict(node);
      case COMPREHENSION -> {
        ranges.add(expr.comprehension().iterRange().id());
        iterations.add(expr.comprehension().loopCondition().id());
      }
      case CONSTANT, IDENT, NOT_SET -> {}
    }
  }

  private void noteCall(CelNavigableExpr node, CelExpr.CelCall call) {
    String function = call.function();
    if (function.equals(Operator.CONDITIONAL.getFunction())) {
      truths.add(call.args().getFirst().id());
    } else if (LAZY.contains(function)) {
      call.args().forEach(operand -> truths.add(operand.id()));
    } else {
      if (function.equals(Operator.INDEX.getFunction())) {
        containers.add(call.args().getFirst().id());
      }
      noteStrict(node);
    }
  }

  private void noteStrict(CelNavigableExpr node) {
    node.children()
        .reduce((first, second) -> second)
        .ifPresent(last -> strictByLastOperand.put(last.id(), node.expr()));
  }

  /** A watch for one evaluation. */
  AbsenceWatch watch() {
    return new AbsenceWatch();
  }

  /** Watches one evaluation; confined to it. */
  final class AbsenceWatch {

    private final Map<Long, @Nullable Object> held = new HashMap<>();
    private @Nullable CelExpr awaited;
    private @Nullable Object last;
    private int iterated;
    private boolean erred;

    /** Records a sub-expression and its value. */
    void computed(CelExpr step, @Nullable Object value) {
      if (awaited != null && awaited.id() != step.id()) {
        erred |= !isAbsence(awaited);
      }
      long id = step.id();
      erred |= truths.contains(id) && !(value instanceof Boolean);
      erred |= ranges.contains(id) && !(value instanceof Collection || value instanceof Map);
      if (iterations.contains(id)) {
        iterated++;
      }
      if (containers.contains(id)) {
        held.put(id, value);
      }
      awaited = strictByLastOperand.get(id);
      last = value;
    }

    /** Whether only elements were missing, in an evaluation that has ended without a value. */
    boolean onlyMissed() {
      return !erred
          && iterated < Expressions.MAX_ITERATIONS
          && (awaited == null || isAbsence(awaited));
    }

    /** Whether this failed sub-expression asked a container for a missing element. */
    private boolean isAbsence(CelExpr failed) {
      return switch (failed.getKind()) {
        case SELECT -> held.get(failed.select().operand().id()) instanceof Map;
        case CALL ->
            failed.call().function().equals(Operator.INDEX.getFunction())
                && isElement(held.get(failed.call().args().getFirst().id()));
        case CONSTANT, IDENT, LIST, MAP, STRUCT, COMPREHENSION, NOT_SET -> false;
      };
    }

    private boolean isElement(@Nullable Object container) {
      return container instanceof Map || (container instanceof List && last instanceof Number);
    }
  }
}
