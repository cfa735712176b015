package dev.tokenbroker.policy;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.cel.bundle.Cel;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.validator.CelAstValidator;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Refuses, when the document is loaded, a literal regular expression that every evaluation would
 * refuse: one that is no valid RE2, or too large. CEL's own validator checks the syntax of Java,
 * which differs.
 */
final class PatternValidator implements CelAstValidator {

  /**
   * A pattern with this estimate is too large whatever its real size, and is not compiled to find
   * out: RE2 also handles optional parts by recursion.
   */
  private static final long NOT_TO_COMPILE = 100L * Expressions.MAX_REGEX_SIZE;

  private static final String TOO_LARGE =
      "the regular expression takes more than " + Expressions.MAX_REGEX_SIZE + " instructions";

  @Override
  public void validate(CelNavigableAst ast, Cel cel, IssuesFactory issues) {
    calls(ast)
        .map(call -> call.args().getLast())
        .forEach(
            pattern ->
                literal(pattern)
                    .flatMap(PatternValidator::problem)
                    .ifPresent(problem -> issues.addError(pattern.id(), problem)));
  }

  /** The calls of {@code matches}; the pattern is the last argument of each. */
  static Stream<CelExpr.CelCall> calls(CelNavigableAst ast) {
    return ast.getRoot()
        .allNodes()
        .filter(node -> node.getKind() == CelExpr.ExprKind.Kind.CALL)
        .map(node -> node.expr().call())
        .filter(call -> call.function().equals("matches") && !call.args().isEmpty());
  }

  /** The pattern, if it is a literal in the expression. */
  static Optional<String> literal(CelExpr pattern) {
    return pattern.getKind() == CelExpr.ExprKind.Kind.CONSTANT
            && pattern.constant().getKind() == CelConstant.Kind.STRING_VALUE
        ? Optional.of(pattern.constant().stringValue())
        : Optional.empty();
  }

  private static Optional<String> problem(String pattern) {
    String danger = PatternSize.danger(pattern);
    if (danger != null) {
      return Optional.of(danger);
    }
    if (PatternSize.most(pattern) >= NOT_TO_COMPILE) {
      return Optional.of(TOO_LARGE);
    }
    try {
      int instructions = Pattern.compile(pattern).programSize();
      return instructions > Expressions.MAX_REGEX_SIZE ? Optional.of(TOO_LARGE) : Optional.empty();
    } catch (PatternSyntaxException e) {
      return Optional.of("the regular expression is not valid RE2: " + e.getMessage());
    }
  }
}
