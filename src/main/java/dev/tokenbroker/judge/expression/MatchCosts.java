package dev.tokenbroker.judge.expression;

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
 */
final class MatchCosts {

  private final Map<Long, MatchCall> byPattern = new HashMap<>();
  private final Set<Long> texts = new HashSet<>();

  /**
   * @param text the operand that is searched
   * @param instructions the size of the pattern
   */
  private record MatchCall(long text, int instructions) {}

  /**
   * @param ast an expression that {@link PatternValidator} has accepted
   */
  MatchCosts(CelNavigableAst ast) {
    PatternValidator.calls(ast)
        .forEach(
            call -> {
              CelExpr pattern = call.args().getLast();
              long text = call.target().orElse(call.args().getFirst()).id();
              String literal = PatternValidator.literal(pattern).orElseThrow();
              int instructions = Pattern.compile(literal).programSize();
              byPattern.put(pattern.id(), new MatchCall(text, instructions));
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
      MatchCall call = byPattern.get(operand.id());
      if (call == null) {
        return 0;
      }
      int chars = held.getOrDefault(call.text(), "").length();
      long size = call.instructions();
      return size + size * chars / StepCounter.SIZE_OF_STEP;
    }
  }
}
