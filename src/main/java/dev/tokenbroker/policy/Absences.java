package dev.tokenbroker.policy;

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
 * Tells evaluations of one expression in which nothing but claims was missing from those in which
 * something else failed too. Immutable; what one evaluation does is watched by a {@link Watch}.
 *
 * <p>The error that CEL ends an evaluation with does not tell it. A field that a map does not have
 * and a field of what is no map have one error code, and where both operands of a logical operator
 * fail, the left one's error is all that is heard. Either would let a claim of another type pass
 * for a missing one.
 *
 * <p>So this looks at the values. CEL reports each sub-expression that has a value, operands first,
 * from left to right. A strict one, which is anything but a logical operator, a conditional and a
 * comprehension, is therefore reported right after its last operand; where another one follows, or
 * none, it has failed, and the values of its operands show whether for want of an element. The
 * others fail by themselves only where an operand is not of the type that they demand, and a
 * comprehension also where the iterations of the evaluation are used up, of which its condition has
 * a value each: who has used up all of them may have wanted one more.
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

  /** For one evaluation. */
  Watch watch() {
    return new Watch();
  }

  /** Watches one evaluation; confined to it. */
  final class Watch {

    private final Map<Long, @Nullable Object> held = new HashMap<>();
    private @Nullable CelExpr awaited;
    private @Nullable Object last;
    private int iterated;
    private boolean erred;

    /** Takes note of a sub-expression that has this value. */
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

    /** Whether, in an evaluation that has ended without a value, only elements were missing. */
    boolean onlyMissed() {
      return !erred
          && iterated < Expressions.MAX_ITERATIONS
          && (awaited == null || isAbsence(awaited));
    }

    /** Whether this one, which has failed, asks something that has elements for one of them. */
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
