package dev.tokenbroker.judge.expression;

import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.common.navigation.CelNavigableExpr;
import dev.cel.parser.Operator;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Creates a {@link Conjunct} from a single part of a condition. */
final class Conjuncts {

  private Conjuncts() {}

  /** Reads an expression without {@code &&}, {@code ||}, {@code !} and {@code ?:} at its top. */
  static Conjunct of(CelExpr part, boolean negated) {
    boolean differs =
        part.getKind() == Kind.CALL
            && part.call().function().equals(Operator.NOT_EQUALS.getFunction());
    return new Conjunct(
        differs ? ExpressionText.equality(part) : ExpressionText.of(part),
        negated != differs,
        test(part),
        matches(part),
        ClaimUses.of(CelNavigableExpr.fromExpr(part)));
  }

  private static ClaimTest test(CelExpr part) {
    if (part.getKind() == Kind.CALL) {
      return test(part.call());
    }
    Optional<ClaimPath> tested = ClaimPath.tested(part);
    if (tested.isPresent()) {
      return new ClaimTest.Present(tested.get());
    }
    // A part that is only a claim requires the value true.
    return ClaimPath.of(part)
        .<ClaimTest>map(claim -> new ClaimTest.Is(claim, List.of(true)))
        .orElseGet(ClaimTest.Other::new);
  }

  private static ClaimTest test(CelExpr.CelCall call) {
    List<CelExpr> operands = call.args();
    String function = call.function();
    if (function.equals(Operator.EQUALS.getFunction())
        || function.equals(Operator.NOT_EQUALS.getFunction())) {
      return equality(operands.getFirst(), operands.getLast());
    }
    if (function.matches("_[<>]=?_")
        && equality(operands.getFirst(), operands.getLast())
            instanceof ClaimTest.Is(ClaimPath claim, List<Object> values)) {
      return new ClaimTest.Ordered(claim, values.getFirst());
    }
    if (function.equals(Operator.IN.getFunction()) && operands.getLast().getKind() == Kind.LIST) {
      return membership(operands.getFirst(), operands.getLast().list().elements());
    }
    if (function.equals(Operator.IN.getFunction())) {
      return ClaimPath.member(operands.getLast(), operands.getFirst())
          .<ClaimTest>map(ClaimTest.Present::new)
          .orElseGet(ClaimTest.Other::new);
    }
    TextMatch match = match(call);
    return match == null
        ? new ClaimTest.Other()
        : ClaimPath.of(call.target().orElse(operands.getFirst()))
            .<ClaimTest>map(claim -> new ClaimTest.Matches(claim, match))
            .orElseGet(ClaimTest.Other::new);
  }

  private static ClaimTest equality(CelExpr left, CelExpr right) {
    Optional<ClaimPath> first = ClaimPath.of(left);
    Optional<ClaimPath> second = ClaimPath.of(right);
    if (first.isPresent() && second.isPresent()) {
      return new ClaimTest.Same(first.get(), second.get());
    }
    Optional<Object> value = value(first.isPresent() ? right : left);
    return first
        .or(() -> second)
        .filter(_ -> value.isPresent())
        .<ClaimTest>map(claim -> new ClaimTest.Is(claim, List.of(value.orElseThrow())))
        .orElseGet(ClaimTest.Other::new);
  }

  private static ClaimTest membership(CelExpr element, List<CelExpr> list) {
    List<Object> values = new ArrayList<>();
    list.forEach(item -> value(item).ifPresent(values::add));
    return ClaimPath.of(element)
        .filter(_ -> values.size() == list.size() && !values.isEmpty())
        .<ClaimTest>map(claim -> new ClaimTest.Is(claim, values))
        .orElseGet(ClaimTest.Other::new);
  }

  /** Finds all comparisons of a text with a constant, at any depth. */
  private static List<TextMatch> matches(CelExpr part) {
    return CelNavigableExpr.fromExpr(part)
        .allNodes()
        .filter(node -> node.getKind() == Kind.CALL)
        .flatMap(node -> Stream.ofNullable(match(node.expr().call())))
        .toList();
  }

  private static @Nullable TextMatch match(CelExpr.CelCall call) {
    TextMatch.MatchKind kind = TextMatch.kind(call.function());
    if (kind == null || call.args().isEmpty()) {
      return null;
    }
    return value(call.args().getLast()).orElse(null) instanceof String text
        ? new TextMatch(kind, text, ExpressionText.of(call))
        : null;
  }

  /** The value of a constant; empty for any other expression. */
  static Optional<Object> value(CelExpr expression) {
    if (expression.getKind() != Kind.CONSTANT) {
      return Optional.empty();
    }
    CelConstant constant = expression.constant();
    return switch (constant.getKind()) {
      case STRING_VALUE -> Optional.of(constant.stringValue());
      case INT64_VALUE -> Optional.of(constant.int64Value());
      case UINT64_VALUE -> Optional.of(constant.uint64Value().longValue());
      case DOUBLE_VALUE -> Optional.of(constant.doubleValue());
      case BOOLEAN_VALUE -> Optional.of(constant.booleanValue());
      case NULL_VALUE, BYTES_VALUE, DURATION_VALUE, TIMESTAMP_VALUE, NOT_SET -> Optional.empty();
    };
  }
}
