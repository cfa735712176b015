package dev.tokenbroker.policy;

import com.google.re2j.Pattern;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.navigation.CelNavigableAst;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The cost of the calls of {@code matches} in one expression, which their results do not show. RE2
 * compiles the pattern for each call, and at worst runs the whole program at each character of the
 * text. Immutable; a {@link Meter} measures one evaluation.
 *
 * <p>A literal pattern is measured once. The size of any other is estimated without compiling it;
 * see {@link PatternSize}.
 */
final class MatchCosts {

  /**
   * The longest pattern that does not stand in the document, in characters. RE2's parser copies
   * what it has read of a text or a class with each character, so a longer one takes more time than
   * its size suggests: 9000 characters take 13 ms, ten of 1000 take 4.
   */
  static final int MAX_PATTERN_CHARS = 1000;

  private final Map<Long, Call> byPattern = new HashMap<>();
  private final Set<Long> texts = new HashSet<>();

  /**
   * @param text the operand that is searched
   * @param instructions the size of the pattern; null where it is no literal
   */
  private record Call(long text, @Nullable Integer instructions) {}

  /**
   * @param ast an expression that {@link PatternValidator} has accepted
   */
  MatchCosts(CelNavigableAst ast) {
    PatternValidator.calls(ast)
        .forEach(
            call -> {
              CelExpr pattern = call.args().getLast();
              long text = call.target().orElse(call.args().getFirst()).id();
              Integer instructions =
                  PatternValidator.literal(pattern)
                      .map(literal -> Pattern.compile(literal).programSize())
                      .orElse(null);
              byPattern.put(pattern.id(), new Call(text, instructions));
              texts.add(text);
            });
  }

  /** A meter for one evaluation; null where the expression matches nothing. */
  @Nullable Meter meter() {
    return byPattern.isEmpty() ? null : new Meter();
  }

  /** Measures one evaluation; confined to it. */
  final class Meter {

    private final Map<Long, String> held = new HashMap<>();

    /**
     * The extra steps for this sub-expression and value. The pattern comes last, so the steps of
     * the whole call are counted there.
     */
    long steps(CelExpr operand, @Nullable Object value) {
      if (!(value instanceof String string)) {
        return 0;
      }
      if (texts.contains(operand.id())) {
        held.put(operand.id(), string);
      }
      Call call = byPattern.get(operand.id());
      if (call == null) {
        return 0;
      }
      Integer instructions = call.instructions();
      long size = instructions == null ? estimate(string) : instructions;
      int chars = held.getOrDefault(call.text(), "").length();
      return size + size * chars / StepCounter.SIZE_OF_STEP;
    }

    private static long estimate(String pattern) {
      return pattern.length() > MAX_PATTERN_CHARS ? PatternSize.LARGEST : PatternSize.most(pattern);
    }
  }
}
