package dev.tokenbroker.judge.expression;

import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.common.navigation.CelNavigableExpr;
import dev.cel.parser.Operator;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The path of a claim, or of a member within a claim, in an expression.
 *
 * @param names the names from the outermost: {@code [kubernetes.io, namespace]}; never empty
 */
public record ClaimPath(List<String> names) {

  private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z_]\\w*");

  public ClaimPath {
    names = List.copyOf(names);
    if (names.isEmpty()) {
      throw new IllegalArgumentException("a path without names");
    }
  }

  /** Returns the path of the top-level claim with that name. */
  public static ClaimPath of(String claim) {
    return new ClaimPath(List.of(claim));
  }

  /** Returns the path that this expression reads; empty for any other expression. */
  static Optional<ClaimPath> of(CelExpr expression) {
    List<String> names = new ArrayList<>();
    return collect(expression, names) && !names.isEmpty()
        ? Optional.of(new ClaimPath(names))
        : Optional.empty();
  }

  /** Returns the path that a {@code has} expression tests; empty for any other expression. */
  static Optional<ClaimPath> tested(CelExpr expression) {
    List<String> names = new ArrayList<>();
    return expression.getKind() == Kind.SELECT
            && expression.select().testOnly()
            && collect(expression.select().operand(), names)
            && names.add(expression.select().field())
        ? Optional.of(new ClaimPath(names))
        : Optional.empty();
  }

  /** Returns the longest path that begins with this variable; empty for other variables. */
  static Optional<ClaimPath> read(CelNavigableExpr variable) {
    Optional<ClaimPath> longest = of(variable.expr());
    CelNavigableExpr outer = variable.parent().orElse(null);
    while (outer != null) {
      CelExpr expression = outer.expr();
      Optional<ClaimPath> longer =
          expression.getKind() == Kind.CALL && isMembership(expression.call())
              ? member(expression.call().args().getLast(), expression.call().args().getFirst())
              : of(expression).or(() -> tested(expression));
      if (longer.isEmpty()) {
        return longest;
      }
      longest = longer;
      outer = outer.parent().orElse(null);
    }
    return longest;
  }

  private static boolean isMembership(CelExpr.CelCall call) {
    return call.function().equals(Operator.IN.getFunction());
  }

  /** Returns the claim that {@code "x" in claims} tests; empty for other containers and keys. */
  static Optional<ClaimPath> member(CelExpr container, CelExpr key) {
    return container.getKind() == Kind.IDENT
            && container.ident().name().equals(Facts.CLAIMS)
            && key.getKind() == Kind.CONSTANT
            && key.constant().getKind() == CelConstant.Kind.STRING_VALUE
        ? Optional.of(of(key.constant().stringValue()))
        : Optional.empty();
  }

  /** The name of the top-level claim. */
  public String claim() {
    return names.getFirst();
  }

  /** Whether this path is the top-level claim with that name. */
  public boolean is(String claim) {
    return names.size() == 1 && claim().equals(claim);
  }

  /** Returns the path as a CEL expression. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(Facts.CLAIMS);
    for (String name : names) {
      if (IDENTIFIER.matcher(name).matches()) {
        text.append('.').append(name);
      } else {
        text.append("[\"").append(name).append("\"]");
      }
    }
    return text.toString();
  }

  private static boolean collect(CelExpr expression, List<String> names) {
    return switch (expression.getKind()) {
      case IDENT -> root(expression.ident().name(), names);
      case SELECT -> {
        boolean known =
            !expression.select().testOnly() && collect(expression.select().operand(), names);
        yield known && names.add(expression.select().field());
      }
      case CALL -> {
        List<CelExpr> operands = expression.call().args();
        boolean known =
            expression.call().function().equals(Operator.INDEX.getFunction())
                && operands.getLast().getKind() == Kind.CONSTANT
                && operands.getLast().constant().getKind() == CelConstant.Kind.STRING_VALUE
                && collect(operands.getFirst(), names);
        yield known && names.add(operands.getLast().constant().stringValue());
      }
      case CONSTANT, LIST, MAP, STRUCT, COMPREHENSION, NOT_SET -> false;
    };
  }

  private static boolean root(String variable, List<String> names) {
    if (variable.equals(Facts.SUBJECT)) {
      return names.add(ClaimUses.SUB);
    }
    return variable.equals(Facts.CLAIMS);
  }
}
