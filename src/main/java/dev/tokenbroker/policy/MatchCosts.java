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
 * What the calls of {@code matches} in one expression cost, which what they give does not show: RE2
 * makes a program of the pattern for each call, and then runs all of it, at worst, at each
 * character of the text. Immutable; for one evaluation there is a {@link Meter}.
 *
 * <p>A literal pattern is measured once. Of another the program is not made to see how large it
 * would be, but estimated; see {@link PatternSize}.
 */
final class MatchCosts {

  /**
   * The longest pattern that may come from elsewhere than the document, in characters. RE2's parser
   * copies what it has read of a text or a class with each character, and so a longer one takes
   * longer than its size tells: 9000 characters take 13 ms, ten of 1000 take 4.
   */
  static final int MAX_PATTERN_CHARS = 1000;

  private final Map<Long, Call> byPattern = new HashMap<>();
  private final Set<Long> texts = new HashSet<>();

  /**
   * @param text the operand that is searched
   * @param instructions of the pattern; null where it is no literal
   */
  private record Call(long text, @Nullable Integer instructions) {}

  /**
   * @param ast where {@link PatternValidator} found nothing
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

  /** For one evaluation; null where nothing is matched. */
  @Nullable Meter meter() {
    return byPattern.isEmpty() ? null : new Meter();
  }

  /** Measures one evaluation; confined to it. */
  final class Meter {

    private final Map<Long, String> held = new HashMap<>();

    /**
     * The steps that follow from this sub-expression's having this value, beside its own: where it
     * is the pattern, which comes last, those of the call that it belongs to.
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
