package dev.tokenbroker.judge.expression;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.cel.bundle.Cel;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.validator.CelAstValidator;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Refuses, when the document is loaded, each pattern of {@code matches} that is no literal, is not
 * valid RE2, or takes too many instructions. CEL's own validator goes by Java's syntax, which is
 * another.
 *
 * <p>A pattern out of a claim would let strangers choose what the broker compiles for each request.
 */
final class PatternValidator implements CelAstValidator {

  private static final int MAX_CHARS = 1000;

  /** RE2/J descends into groups by recursion. */
  private static final int MAX_GROUPS = 250;

  /** What RE2/J may be given to compile, to see how much it is. */
  private static final long MAX_ESTIMATE = 300_000;

  private static final String NO_LITERAL =
      "the pattern of matches must be a text in quotes; compare claims by ==, startsWith or in";
  private static final String TOO_LARGE =
      "the regular expression takes more than " + Expressions.MAX_REGEX_SIZE + " instructions";
  private static final String TOO_LONG =
      "the regular expression is longer than " + MAX_CHARS + " characters";
  private static final String TOO_DEEP =
      "the regular expression has more than " + MAX_GROUPS + " groups";

  /**
   * RE2/J does not come to an end with some letters beyond ASCII that it compares in both cases.
   */
  private static final String BOTH_CASES =
      "the regular expression ignores case and has letters that are not ASCII or octal escapes;"
          + " write such letters as classes, as in ([Üü]) instead of (?i)";

  private static final Pattern IGNORES_CASE = Pattern.compile("\\(\\?[imsU-]*i");
  private static final Pattern NOT_ASCII = Pattern.compile("[^\\x00-\\x7F]|\\\\x\\{|\\\\[0-7]");
  private static final Pattern REPETITION = Pattern.compile("\\{(\\d{1,4})(?:,(\\d{0,4}))?\\}");

  @Override
  public void validate(CelNavigableAst ast, Cel cel, IssuesFactory issues) {
    calls(ast)
        .map(call -> call.args().getLast())
        .forEach(
            pattern ->
                literal(pattern)
                    .map(PatternValidator::problem)
                    .orElse(Optional.of(NO_LITERAL))
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
    if (pattern.length() > MAX_CHARS) {
      return Optional.of(TOO_LONG);
    }
    if (pattern.chars().filter(c -> c == '(').count() > MAX_GROUPS) {
      return Optional.of(TOO_DEEP);
    }
    if (IGNORES_CASE.matcher(pattern).find() && NOT_ASCII.matcher(pattern).find()) {
      return Optional.of(BOTH_CASES);
    }
    if (estimate(pattern) > MAX_ESTIMATE) {
      return Optional.of(TOO_LARGE);
    }
    try {
      int instructions = Pattern.compile(pattern).programSize();
      return instructions > Expressions.MAX_REGEX_SIZE ? Optional.of(TOO_LARGE) : Optional.empty();
    } catch (PatternSyntaxException e) {
      return Optional.of("the regular expression is not valid RE2: " + e.getMessage());
    }
  }

  /**
   * At least the number of instructions. RE2/J copies a part for each of its repetitions, so
   * compiling a pattern to see its size may take all memory. A class ends at the first bracket that
   * may end it: the rest of a longer one counts as pattern, which only makes the estimate larger.
   */
  private static long estimate(String pattern) {
    Deque<long[]> outer = new ArrayDeque<>();
    Matcher repetition = REPETITION.matcher(pattern);
    long size = 0;
    long last = 0; // what a repetition would copy
    for (int at = 0; at < pattern.length() && size <= MAX_ESTIMATE; at++) {
      switch (pattern.charAt(at)) {
        case '(' -> {
          outer.push(new long[] {size, last});
          size = 0;
        }
        case ')' -> {
          long[] before = outer.isEmpty() ? new long[2] : outer.pop();
          last =
              Math.max(size + 2, before[1]); // RE2 ignores an empty group, and takes what is before
          size += 2 + before[0];
        }
        case '{' -> {
          if (repetition.find(at) && repetition.start() == at) {
            long times = Math.max(count(repetition.group(1)), count(repetition.group(2)));
            size += last * Math.max(0, times - 1);
            last *= Math.max(1, times);
            at = repetition.end() - 1;
          }
        }
        case '\\' -> {
          boolean quotes = pattern.startsWith("\\Q", at) || pattern.startsWith("\\E", at);
          size += quotes ? 0 : 1;
          last = quotes ? last : 1;
          at++;
        }
        case '[' -> {
          size++;
          last = 1;
          at = endOfClass(pattern, at);
        }
        default -> {
          size++;
          last = 1;
        }
      }
    }
    return size + outer.stream().mapToLong(before -> before[0]).sum();
  }

  private static int endOfClass(String pattern, int begin) {
    int at = begin + 1;
    while (at < pattern.length() && pattern.charAt(at) != ']') {
      at += pattern.charAt(at) == '\\' ? 2 : 1;
    }
    return at;
  }

  private static long count(@Nullable String digits) {
    return digits == null || digits.isEmpty() ? 0 : Long.parseLong(digits);
  }
}
