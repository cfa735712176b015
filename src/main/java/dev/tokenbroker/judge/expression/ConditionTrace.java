package dev.tokenbroker.judge.expression;

import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.common.navigation.CelNavigableExpr;
import dev.cel.common.navigation.TraversalOrder;
import dev.cel.parser.Operator;
import dev.cel.runtime.CelEvaluationListener;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The values that CEL computed for the parts of a condition in one evaluation, to explain why the
 * condition does not hold. Confined to one call.
 *
 * <p>Of parts joined by {@code &&}, the first that fails is told; of alternatives, each one. A
 * comparison is told with both sides, and with a hint if their types can never be equal.
 */
final class ConditionTrace {

  private static final int MAX_SOURCE_CHARS = 90;
  private static final int MAX_TOLD = 4;

  private final Map<Long, Object> values = new HashMap<>();

  /** Records the values of an evaluation that another one listens to. */
  CelEvaluationListener listener(CelEvaluationListener other) {
    return (step, value) -> {
      other.callback(step, value);
      if (value != null) {
        values.put(step.id(), value);
      }
    };
  }

  /** The innermost part that failed although its operands have values; empty if none is known. */
  Optional<String> broken(CelExpr root) {
    return CelNavigableExpr.fromExpr(root)
        .allNodes(TraversalOrder.POST_ORDER)
        .map(CelNavigableExpr::expr)
        .filter(node -> value(node) == null)
        .flatMap(node -> broken(node, operands(node)).stream())
        .findFirst();
  }

  private Optional<String> broken(CelExpr node, List<CelExpr> operands) {
    if (operands.stream().anyMatch(side -> value(side) == null)) {
      return Optional.empty();
    }
    String told =
        operands.stream()
            .filter(ConditionTrace::isVariable)
            .map(this::told)
            .collect(Collectors.joining(", "));
    return ClaimPath.of(node)
        .filter(path -> path.names().size() == 1)
        .map(path -> "the credential has no claim " + path.claim())
        .or(() -> Optional.of(source(node) + " cannot be evaluated: " + told))
        .filter(_ -> !told.isEmpty());
  }

  private static List<CelExpr> operands(CelExpr node) {
    return node.getKind() == Kind.SELECT ? List.of(node.select().operand()) : compared(node);
  }

  /** The comparisons because of which the condition does not hold, at most {@value #MAX_TOLD}. */
  List<String> failed(CelExpr condition) {
    List<String> told = new ArrayList<>();
    collect(condition, true, told);
    return told.stream().distinct().limit(MAX_TOLD).toList();
  }

  private void collect(CelExpr node, boolean wanted, List<String> told) {
    String function = node.getKind() == Kind.CALL ? node.call().function() : "";
    List<CelExpr> operands = node.getKind() == Kind.CALL ? node.call().args() : List.of();
    if (function.equals(Operator.LOGICAL_NOT.getFunction())) {
      collect(operands.getFirst(), !wanted, told);
    } else if (function.equals(Operator.LOGICAL_AND.getFunction())
        || function.equals(Operator.LOGICAL_OR.getFunction())) {
      boolean all = function.equals(Operator.LOGICAL_AND.getFunction()) == wanted;
      operands.stream()
          .filter(operand -> !Boolean.valueOf(wanted).equals(value(operand)))
          .limit(all ? 1 : MAX_TOLD)
          .forEach(operand -> collect(operand, wanted, told));
    } else if (function.equals(Operator.CONDITIONAL.getFunction())
        && value(operands.getFirst()) instanceof Boolean choice) {
      collect(operands.get(choice ? 1 : 2), wanted, told);
    } else if (node.getKind() != Kind.CONSTANT) {
      told.add(comparison(node, wanted));
    }
  }

  private String comparison(CelExpr node, boolean wanted) {
    String source = source(node);
    List<CelExpr> compared = compared(node);
    List<String> sides = new ArrayList<>();
    for (CelExpr side : compared) {
      if (isVariable(side)) {
        sides.add(told(side));
      }
    }
    typeHint(node, compared).ifPresent(sides::add);
    return (wanted ? source : "not " + source)
        + (sides.isEmpty() ? "" : ": " + String.join(", ", sides));
  }

  /** A macro such as {@code exists} is compiled into a loop that no author has written. */
  private static String source(CelExpr node) {
    return node.getKind() == Kind.COMPREHENSION
        ? "a test of the elements of " + source(node.comprehension().iterRange())
        : SeenValue.cut(ExpressionText.of(node), MAX_SOURCE_CHARS);
  }

  private static boolean isVariable(CelExpr side) {
    return CelNavigableExpr.fromExpr(side)
        .allNodes()
        .anyMatch(node -> node.getKind() == Kind.IDENT);
  }

  /** The sub-expressions whose values decide this test. */
  private static List<CelExpr> compared(CelExpr node) {
    return switch (node.getKind()) {
      case CALL ->
          Stream.concat(node.call().target().stream(), node.call().args().stream()).toList();
      case COMPREHENSION -> List.of(node.comprehension().iterRange());
      case SELECT -> node.select().testOnly() ? List.of() : List.of(node);
      case IDENT -> List.of(node);
      case CONSTANT, LIST, MAP, STRUCT, NOT_SET -> List.of();
    };
  }

  private String told(CelExpr side) {
    String name = source(side);
    Object value = value(side);
    return value == null ? name + " has no value" : name + " is " + SeenValue.described(value);
  }

  private Optional<String> typeHint(CelExpr node, List<CelExpr> compared) {
    if (node.getKind() != Kind.CALL || compared.size() != 2) {
      return Optional.empty();
    }
    Object left = value(compared.getFirst());
    Object right = value(compared.getLast());
    if (left == null || right == null) {
      return Optional.empty();
    }
    String function = node.call().function();
    if (function.equals(Operator.IN.getFunction())) {
      return SeenValue.membershipHint(left, right);
    }
    return function.equals(Operator.EQUALS.getFunction())
            || function.equals(Operator.NOT_EQUALS.getFunction())
        ? SeenValue.equalityHint(left, right)
        : Optional.empty();
  }

  private @Nullable Object value(CelExpr node) {
    Object value = values.get(node.id());
    return value == null && node.getKind() == Kind.CONSTANT
        ? Conjuncts.value(node).orElse(null)
        : value;
  }
}
