package dev.tokenbroker.policy;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.cel.bundle.Cel;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.validator.CelAstValidator;

/**
 * Refuses, when the document is loaded, a literal regular expression that every evaluation would
 * refuse for its size.
 */
final class RegexSizeValidator implements CelAstValidator {

  @Override
  public void validate(CelNavigableAst ast, Cel cel, IssuesFactory issues) {
    ast.getRoot()
        .allNodes()
        .filter(node -> node.getKind() == CelExpr.ExprKind.Kind.CALL)
        .map(node -> node.expr().call())
        .filter(call -> call.function().equals("matches") && !call.args().isEmpty())
        .map(call -> call.args().getLast())
        .filter(RegexSizeValidator::isTooLarge)
        .forEach(
            pattern ->
                issues.addError(
                    pattern.id(),
                    "the regular expression takes more than "
                        + Expressions.MAX_REGEX_SIZE
                        + " instructions"));
  }

  private static boolean isTooLarge(CelExpr argument) {
    if (argument.getKind() != CelExpr.ExprKind.Kind.CONSTANT
        || argument.constant().getKind() != CelConstant.Kind.STRING_VALUE) {
      return false;
    }
    try {
      return Pattern.compile(argument.constant().stringValue()).programSize()
          > Expressions.MAX_REGEX_SIZE;
    } catch (PatternSyntaxException e) {
      // The validator of literals tells it, with its reason.
      return false;
    }
  }
}
