package dev.tokenbroker.policy;

import dev.cel.common.ast.CelExpr;
import dev.cel.common.navigation.CelNavigableAst;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the calls of {@code matches} in one expression cost, which what they give does not show: RE2
 * makes a program of the pattern for each call, and then runs all of it, at worst, at each
 * character of the text. Immutable; for one evaluation there is a {@link Meter}.
 *
 * <p>A literal pattern is measured once. Of another the program is not made to see how large it
 * would be, since a few nested repetitions make one that fills the memory: it is taken to have an
 * instruction for each character and each repetition of one, all of it as often as the counts of
 * the repetitions of groups say together.
 */
final class MatchCosts {

  /** {@code {n}}, {@code {n,}} and {@code {n,m}}; RE2 takes no count past 1000. */
  private static final Pattern REPETITION = Pattern.compile("\\{(\\d{1,4})(?:,(\\d{0,4}))?}");

  /** Costs more than any evaluation may. */
  private static final long LARGEST = 1_000_000;

  private final Map<Long, Call> byPattern = new HashMap<>();
  private final Set<Long> texts = new HashSet<>();

  /**
   * @param text the operand that is searched
   * @param instructions of the pattern; null where it is no literal
   */
  private record Call(long text, @Nullable Integer instructions) {}

  MatchCosts(CelNavigableAst ast) {
    RegexSizeValidator.calls(ast)
        .forEach(
            call -> {
              CelExpr pattern = call.args().getLast();
              long text = call.target().orElse(call.args().getFirst()).id();
              OptionalInt instructions = RegexSizeValidator.instructions(pattern);
              byPattern.put(
                  pattern.id(),
                  new Call(text, instructions.isPresent() ? instructions.getAsInt() : null));
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
      long size = instructions == null ? most(string) : instructions;
      int chars = held.getOrDefault(call.text(), "").length();
      return size + size * chars / StepCounter.SIZE_OF_STEP;
    }
  }

  private static long most(String pattern) {
    long size = pattern.length();
    Matcher repetition = REPETITION.matcher(pattern);
    while (size < LARGEST && repetition.find()) {
      long times = Math.max(count(repetition.group(1)), count(repetition.group(2)));
      boolean ofGroup = repetition.start() > 0 && pattern.charAt(repetition.start() - 1) == ')';
      size = ofGroup ? size * Math.max(1, times) : size + times;
    }
    return Math.min(size, LARGEST);
  }

  private static int count(@Nullable String digits) {
    return digits == null || digits.isEmpty() ? 0 : Integer.parseInt(digits);
  }
}
