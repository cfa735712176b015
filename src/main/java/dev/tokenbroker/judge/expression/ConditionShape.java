package dev.tokenbroker.judge.expression;

import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.parser.Operator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The logical structure of a condition: its parts and its alternatives. The condition holds exactly
 * if all parts of one alternative hold. A missing claim counts as neither true nor false, in both
 * forms.
 *
 * @param source the whole condition in the form of {@link ExpressionText}
 * @param parts all parts, each with its negation in the whole condition
 * @param alternatives the disjunctive normal form; an empty alternative always holds, and an empty
 *     list never holds; null if there are more than {@value #MAX_ALTERNATIVES}
 */
public record ConditionShape(
    String source, Set<Conjunct> parts, @Nullable List<Set<Conjunct>> alternatives) {

  /** The most alternatives that a shape lists. */
  public static final int MAX_ALTERNATIVES = 64;

  private static final List<Set<Conjunct>> ALWAYS = List.of(Set.of());
  private static final List<Set<Conjunct>> NEVER = List.of();

  /** The shape of a condition. */
  static ConditionShape of(CelExpr condition) {
    ShapeReader reader = new ShapeReader();
    List<Set<Conjunct>> alternatives = reader.alternatives(condition, false).orElse(null);
    return new ConditionShape(ExpressionText.of(condition), reader.parts, alternatives);
  }

  /** The shape of a condition without variables and with a known value. */
  static ConditionShape constant(CelExpr condition, boolean value) {
    return new ConditionShape(ExpressionText.of(condition), Set.of(), value ? ALWAYS : NEVER);
  }

  /** Splits a condition into parts and alternatives. */
  private static final class ShapeReader {

    private final SequencedSet<Conjunct> parts = new LinkedHashSet<>();

    /** Visits every part, so that {@link #parts} are complete even if the alternatives are not. */
    Optional<List<Set<Conjunct>>> alternatives(CelExpr node, boolean negated) {
      if (node.getKind() == Kind.CONSTANT
          && node.constant().getKind() == CelConstant.Kind.BOOLEAN_VALUE) {
        return Optional.of(node.constant().booleanValue() == negated ? NEVER : ALWAYS);
      }
      if (node.getKind() == Kind.CALL) {
        List<CelExpr> operands = node.call().args();
        String function = node.call().function();
        if (function.equals(Operator.LOGICAL_NOT.getFunction())) {
          return alternatives(operands.getFirst(), !negated);
        }
        if (function.equals(Operator.LOGICAL_AND.getFunction())) {
          return junction(operands, negated, !negated);
        }
        if (function.equals(Operator.LOGICAL_OR.getFunction())) {
          return junction(operands, negated, negated);
        }
        if (function.equals(Operator.CONDITIONAL.getFunction())) {
          CelExpr choice = operands.getFirst();
          return either(
              both(alternatives(choice, false), alternatives(operands.get(1), negated)),
              both(alternatives(choice, true), alternatives(operands.get(2), negated)));
        }
      }
      Conjunct part = Conjuncts.of(node, negated);
      parts.add(part);
      return Optional.of(List.of(Set.of(part)));
    }

    private Optional<List<Set<Conjunct>>> junction(
        List<CelExpr> operands, boolean negated, boolean and) {
      Optional<List<Set<Conjunct>>> all = Optional.of(and ? ALWAYS : NEVER);
      for (CelExpr operand : operands) {
        Optional<List<Set<Conjunct>>> next = alternatives(operand, negated);
        all = and ? both(all, next) : either(all, next);
      }
      return all;
    }

    private static Optional<List<Set<Conjunct>>> either(
        Optional<List<Set<Conjunct>>> first, Optional<List<Set<Conjunct>>> second) {
      if (first.isEmpty() || second.isEmpty()) {
        return Optional.empty();
      }
      SequencedSet<Set<Conjunct>> all = new LinkedHashSet<>(first.get());
      all.addAll(second.get());
      return bounded(all);
    }

    private static Optional<List<Set<Conjunct>>> both(
        Optional<List<Set<Conjunct>>> first, Optional<List<Set<Conjunct>>> second) {
      if (first.isEmpty() || second.isEmpty()) {
        return Optional.empty();
      }
      SequencedSet<Set<Conjunct>> all = new LinkedHashSet<>();
      for (Set<Conjunct> one : first.get()) {
        for (Set<Conjunct> other : second.get()) {
          SequencedSet<Conjunct> joined = new LinkedHashSet<>(one);
          joined.addAll(other);
          all.add(joined);
        }
      }
      return bounded(all);
    }

    private static Optional<List<Set<Conjunct>>> bounded(SequencedSet<Set<Conjunct>> all) {
      return all.size() > MAX_ALTERNATIVES ? Optional.empty() : Optional.of(List.copyOf(all));
    }
  }
}
