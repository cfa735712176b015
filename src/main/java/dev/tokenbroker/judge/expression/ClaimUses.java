package dev.tokenbroker.judge.expression;

import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.navigation.CelNavigableExpr;
import dev.cel.parser.Operator;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The claims that an expression reads. The compiler determines them.
 *
 * @param claims their names; the variable {@code subject} counts as {@code sub}
 * @param paths the same claims and members of claims, as far as the names are constant
 * @param texts the strings in the expression
 * @param computed whether the expression also reads claims with computed names
 * @param client whether it reads the variable {@code client}
 */
public record ClaimUses(
    Set<String> claims, Set<ClaimPath> paths, Set<String> texts, boolean computed, boolean client) {

  public static final String SUB = "sub";

  public ClaimUses {
    claims = Set.copyOf(claims);
    paths = Set.copyOf(paths);
    texts = Set.copyOf(texts);
  }

  static ClaimUses of(CelNavigableAst ast) {
    return of(ast.getRoot());
  }

  /** Returns the claims that a part of an expression reads. */
  static ClaimUses of(CelNavigableExpr part) {
    Set<String> claims = new HashSet<>();
    Set<ClaimPath> paths = new HashSet<>();
    Set<String> texts = new HashSet<>();
    boolean[] computed = {false};
    boolean[] client = {false};
    part.allNodes()
        .forEach(
            node -> {
              switch (node.getKind()) {
                case CONSTANT -> {
                  String text = text(node.expr());
                  if (text != null) {
                    texts.add(text);
                  }
                }
                case IDENT -> {
                  computed[0] |= !note(node, claims);
                  client[0] |= node.expr().ident().name().equals(Facts.CLIENT);
                  ClaimPath.read(node).ifPresent(paths::add);
                }
                default -> {}
              }
            });
    return new ClaimUses(claims, paths, texts, computed[0], client[0]);
  }

  /** Records the claim that a variable reads. Returns false if the claim's name is computed. */
  private static boolean note(CelNavigableExpr ident, Set<String> claims) {
    String variable = ident.expr().ident().name();
    if (variable.equals(Facts.SUBJECT)) {
      claims.add(SUB);
      return true;
    }
    if (!variable.equals(Facts.CLAIMS)) {
      return true;
    }
    CelNavigableExpr read = ident.parent().orElse(null);
    String name = read == null ? null : name(read);
    if (name == null) {
      return false;
    }
    claims.add(name);
    return true;
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
}
