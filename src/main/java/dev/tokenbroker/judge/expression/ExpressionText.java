package dev.tokenbroker.judge.expression;

import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.parser.Operator;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Writes expressions in a normal form. The form drops the author's blanks and comments and writes
 * {@code claims["x"]} as {@code claims.x}. It has constants on the right of {@code ==} and {@code
 * !=}. Expressions with equal texts have the same meaning.
 */
final class ExpressionText {

  private static final Map<String, String> BINARY =
      Map.ofEntries(
          Map.entry(Operator.EQUALS.getFunction(), "=="),
          Map.entry(Operator.NOT_EQUALS.getFunction(), "!="),
          Map.entry(Operator.IN.getFunction(), "in"),
          Map.entry(Operator.LOGICAL_AND.getFunction(), "&&"),
          Map.entry(Operator.LOGICAL_OR.getFunction(), "||"),
          Map.entry(Operator.LESS.getFunction(), "<"),
          Map.entry(Operator.LESS_EQUALS.getFunction(), "<="),
          Map.entry(Operator.GREATER.getFunction(), ">"),
          Map.entry(Operator.GREATER_EQUALS.getFunction(), ">="),
          Map.entry(Operator.ADD.getFunction(), "+"),
          Map.entry(Operator.SUBTRACT.getFunction(), "-"),
          Map.entry(Operator.MULTIPLY.getFunction(), "*"),
          Map.entry(Operator.DIVIDE.getFunction(), "/"),
          Map.entry(Operator.MODULO.getFunction(), "%"));

  private static final Set<String> COMPARISONS = Set.of("==", "!=");

  private ExpressionText() {}

  static String of(CelExpr expression) {
    return ClaimPath.of(expression)
        .map(ClaimPath::toString)
        .orElseGet(
            () ->
                switch (expression.getKind()) {
                  case CONSTANT -> constant(expression.constant());
                  case IDENT -> expression.ident().name();
                  case SELECT -> select(expression.select());
                  case CALL -> of(expression.call());
                  case LIST -> "[" + all(expression.list().elements()) + "]";
                  case MAP ->
                      expression.map().entries().stream()
                          .map(entry -> of(entry.key()) + ": " + of(entry.value()))
                          .collect(Collectors.joining(", ", "{", "}"));
                  case COMPREHENSION -> comprehension(expression.comprehension());
                  // No message type is declared, so a checked expression cannot contain these.
                  case STRUCT, NOT_SET -> "?";
                });
  }

  static String of(CelExpr.CelCall call) {
    List<CelExpr> operands = call.args();
    String function = call.function();
    String operator = BINARY.get(function);
    if (operator != null && COMPARISONS.contains(operator)) {
      return comparison(operator, operands.getFirst(), operands.getLast());
    }
    if (operator != null) {
      return nested(operands.getFirst()) + " " + operator + " " + nested(operands.getLast());
    }
    if (function.equals(Operator.INDEX.getFunction())) {
      return nested(operands.getFirst()) + "[" + of(operands.getLast()) + "]";
    }
    if (function.equals(Operator.LOGICAL_NOT.getFunction())) {
      return "!" + nested(operands.getFirst());
    }
    if (function.equals(Operator.CONDITIONAL.getFunction())) {
      return "(%s ? %s : %s)".formatted(operands.stream().map(ExpressionText::of).toArray());
    }
    return call.target().map(target -> nested(target) + ".").orElse("")
        + function
        + "("
        + all(operands)
        + ")";
  }

  /** Returns the text of a {@code !=} call with {@code ==} as the operator. */
  static String equality(CelExpr call) {
    List<CelExpr> operands = call.call().args();
    return comparison("==", operands.getFirst(), operands.getLast());
  }

  private static String comparison(String operator, CelExpr left, CelExpr right) {
    String first = nested(left);
    String second = nested(right);
    boolean swap =
        left.getKind() == Kind.CONSTANT
            ? right.getKind() != Kind.CONSTANT
            : right.getKind() != Kind.CONSTANT && first.compareTo(second) > 0;
    return swap ? second + " " + operator + " " + first : first + " " + operator + " " + second;
  }

  /** Returns the text of an operand, in parentheses if it is a binary operation. */
  private static String nested(CelExpr operand) {
    boolean operator =
        operand.getKind() == Kind.CALL && BINARY.containsKey(operand.call().function());
    return operator ? "(" + of(operand) + ")" : of(operand);
  }

  private static String select(CelExpr.CelSelect select) {
    String field = nested(select.operand()) + "." + select.field();
    return select.testOnly() ? "has(" + field + ")" : field;
  }

  /** Returns the text of the loop that a macro expands to. */
  private static String comprehension(CelExpr.CelComprehension loop) {
    return of(loop.iterRange())
        + ".loop("
        + String.join(
            ", ",
            loop.iterVar(),
            loop.iterVar2(),
            of(loop.accuInit()),
            of(loop.loopCondition()),
            of(loop.loopStep()),
            of(loop.result()))
        + ")";
  }

  private static String all(List<CelExpr> expressions) {
    return expressions.stream().map(ExpressionText::of).collect(Collectors.joining(", "));
  }

  private static String constant(CelConstant constant) {
    return switch (constant.getKind()) {
      case STRING_VALUE -> quoted(constant.stringValue());
      case INT64_VALUE -> Long.toString(constant.int64Value());
      case UINT64_VALUE -> constant.uint64Value() + "u";
      case DOUBLE_VALUE -> Double.toString(constant.doubleValue());
      case BOOLEAN_VALUE -> Boolean.toString(constant.booleanValue());
      case BYTES_VALUE -> "b" + quoted(Arrays.toString(constant.bytesValue().toByteArray()));
      case NULL_VALUE, DURATION_VALUE, TIMESTAMP_VALUE, NOT_SET -> "null";
    };
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
