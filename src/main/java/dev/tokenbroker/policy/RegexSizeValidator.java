package dev.tokenbroker.policy;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.cel.bundle.Cel;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.validator.CelAstValidator;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * Refuses, when the document is loaded, a literal regular expression that every evaluation would
 * refuse for its size.
 */
final class RegexSizeValidator implements CelAstValidator {

  @Override
  public void validate(CelNavigableAst ast, Cel cel, IssuesFactory issues) {
    calls(ast)
        .map(call -> call.args().getLast())
        .filter(pattern -> instructions(pattern).orElse(0) > Expressions.MAX_REGEX_SIZE)
        .forEach(
            pattern ->
                issues.addError(
                    pattern.id(),
                    "the regular expression takes more than "
                        + Expressions.MAX_REGEX_SIZE
                        + " instructions"));
  }

  /** The calls of {@code matches}; the pattern is the last argument of each. */
  static Stream<CelExpr.CelCall> calls(CelNavigableAst ast) {
    return ast.getRoot()
        .allNodes()
        .filter(node -> node.getKind() == CelExpr.ExprKind.Kind.CALL)
        .map(node -> node.expr().call())
        .filter(call -> call.function().equals("matches") && !call.args().isEmpty());
  }

  /** How many a literal pattern takes; empty for another one, and for what is no pattern. */
  static OptionalInt instructions(CelExpr pattern) {
    if (pattern.getKind() != CelExpr.ExprKind.Kind.CONSTANT
        || pattern.constant().getKind() != CelConstant.Kind.STRING_VALUE) {
      return OptionalInt.empty();
    }
    try {
      return OptionalInt.of(Pattern.compile(pattern.constant().stringValue()).programSize());
    } catch (PatternSyntaxException e) {
      // The validator of literals tells it, with its reason.
      return OptionalInt.empty();
    }
  }
}
