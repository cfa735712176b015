package dev.tokenbroker.policy;

import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.navigation.CelNavigableExpr;
import dev.cel.parser.Operator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The claims that an expression reads, and the way it uses them. The compiler determines them.
 *
 * @param claims the uses by claim name; the variable {@code subject} counts as {@code sub}
 * @param paths the same claims and members of claims, as far as the names are constant
 * @param constants the strings, longs, doubles and booleans in the expression
 * @param computed whether the expression also reads claims with computed names
 */
public record ClaimUses(
    Map<String, ClaimUse> claims, Set<ClaimPath> paths, Set<Object> constants, boolean computed) {

  static final String SUB = "sub";
  private static final Set<String> EQUALITY =
      Set.of(Operator.EQUALS.getFunction(), Operator.NOT_EQUALS.getFunction());

  /** The way in which an expression uses a claim. */
  public enum ClaimUse {
    /** The expression tests only equality, membership or presence. */
    COMPARED,
    /** The expression uses the claim in any other way. */
    EXAMINED
  }

  public ClaimUses {
    claims = Map.copyOf(claims);
    paths = Set.copyOf(paths);
    constants = Set.copyOf(constants);
  }

  static ClaimUses of(CelNavigableAst ast) {
    return of(ast.getRoot());
  }

  /** Returns the claims that a part of an expression reads. */
  static ClaimUses of(CelNavigableExpr part) {
    Map<String, ClaimUse> claims = new HashMap<>();
    Set<ClaimPath> paths = new HashSet<>();
    Set<Object> constants = new HashSet<>();
    boolean[] computed = {false};
    part.allNodes()
        .forEach(
            node -> {
              switch (node.getKind()) {
                case CONSTANT -> addConstant(node.expr().constant(), constants);
                case IDENT -> {
                  computed[0] |= !note(node, claims);
                  ClaimPath.read(node).ifPresent(paths::add);
                }
                default -> {}
              }
            });
    return new ClaimUses(claims, paths, constants, computed[0]);
  }

  /** Records the claim that a variable reads. Returns false if the claim's name is computed. */
  private static boolean note(CelNavigableExpr ident, Map<String, ClaimUse> claims) {
    String variable = ident.expr().ident().name();
    if (variable.equals(Facts.SUBJECT)) {
      claims.merge(SUB, use(ident), ClaimUses::wider);
      return true;
    }
    if (!variable.equals(Facts.CLAIMS)) {
      return true;
    }
    CelNavigableExpr read = ident.parent().orElse(null);
    String name = read == null ? null : name(read);
    if (read == null || name == null) {
      return false;
    }
    claims.merge(name, use(read), ClaimUses::wider);
    return true;
  }

  private static ClaimUse wider(ClaimUse one, ClaimUse other) {
    return one == ClaimUse.EXAMINED ? one : other;
  }

  /** Returns the claim's name in {@code claims.x} or {@code claims["x"]}; null if computed. */
  private static @Nullable String name(CelNavigableExpr read) {
    if (read.getKind() == Kind.SELECT) {
      return read.expr().select().field();
    }
    return isIndex(read) && isClaims(read.expr().call().args().getFirst())
        ? text(read.expr().call().args().get(1))
        : null;
  }

  private static boolean isIndex(CelNavigableExpr node) {
    return node.getKind() == Kind.CALL
        && node.expr().call().function().equals(Operator.INDEX.getFunction());
  }

  private static boolean isClaims(CelExpr expr) {
    return expr.getKind() == Kind.IDENT && expr.ident().name().equals(Facts.CLAIMS);
  }

  private static @Nullable String text(CelExpr expr) {
    return expr.getKind() == Kind.CONSTANT
            && expr.constant().getKind() == CelConstant.Kind.STRING_VALUE
        ? expr.constant().stringValue()
        : null;
  }

  private static ClaimUse use(CelNavigableExpr read) {
    CelNavigableExpr value = read;
    while (true) {
      if (value.getKind() == Kind.SELECT && value.expr().select().testOnly()) {
        return ClaimUse.COMPARED;
      }
      CelNavigableExpr parent = value.parent().orElse(null);
      if (parent == null) {
        return ClaimUse.EXAMINED;
      }
      boolean member =
          parent.getKind() == Kind.SELECT
              || (isIndex(parent)
                  && parent.expr().call().args().getFirst().id() == value.id()
                  && text(parent.expr().call().args().get(1)) != null);
      if (!member) {
        return isComparison(parent, value.expr()) ? ClaimUse.COMPARED : ClaimUse.EXAMINED;
      }
      value = parent;
    }
  }

  private static boolean isComparison(CelNavigableExpr node, CelExpr operand) {
    if (node.getKind() != Kind.CALL || node.expr().call().args().size() != 2) {
      return false;
    }
    CelExpr.CelCall call = node.expr().call();
    CelExpr other =
        call.args().getFirst().id() == operand.id() ? call.args().get(1) : call.args().getFirst();
    if (EQUALITY.contains(call.function())) {
      return isPlain(other);
    }
    return call.function().equals(Operator.IN.getFunction())
        && (isPlain(other)
            || (other.getKind() == Kind.LIST
                && other.list().elements().stream().allMatch(ClaimUses::isPlain)));
  }

  /** Whether an expression is a constant or a plain claim. */
  private static boolean isPlain(CelExpr expr) {
    return switch (expr.getKind()) {
      case CONSTANT -> true;
      case IDENT -> expr.ident().name().equals(Facts.SUBJECT);
      case SELECT -> isClaims(expr.select().operand()) && !expr.select().testOnly();
      default -> false;
    };
  }

  private static void addConstant(CelConstant constant, Set<Object> constants) {
    switch (constant.getKind()) {
      case STRING_VALUE -> constants.add(constant.stringValue());
      case INT64_VALUE -> constants.add(constant.int64Value());
      case UINT64_VALUE -> constants.add(constant.uint64Value().longValue());
      case DOUBLE_VALUE -> constants.add(constant.doubleValue());
      case BOOLEAN_VALUE -> constants.add(constant.booleanValue());
      default -> {}
    }
  }
}
