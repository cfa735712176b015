package dev.tokenbroker.operate.lint;

import dev.tokenbroker.judge.expression.ClaimPath;
import dev.tokenbroker.judge.expression.ClaimTest;
import dev.tokenbroker.judge.expression.Conjunct;
import dev.tokenbroker.judge.expression.TextMatch;
import java.util.List;
import java.util.Set;

/** Determines whether parts of conditions imply or contradict each other. It never guesses. */
final class Implications {

  private Implications() {}

  /** Whether the second part holds in every case in which the first part holds. */
  static boolean implies(Conjunct first, Conjunct second) {
    return first.equals(second)
        || (!first.negated()
            && (second.negated()
                ? excludes(first.test(), second.test())
                : covers(first.test(), second.test())));
  }

  /** Whether two parts can never hold together. */
  static boolean contradict(Conjunct first, Conjunct second) {
    if (first.negated() == second.negated()) {
      return !first.negated() && excludes(first.test(), second.test());
    }
    Conjunct positive = first.negated() ? second : first;
    Conjunct negative = first.negated() ? first : second;
    return positive.source().equals(negative.source()) || covers(positive.test(), negative.test());
  }

  /** Whether some part of the first alternative implies each part of the second. */
  static boolean implies(Set<Conjunct> first, Set<Conjunct> second) {
    return second.stream()
        .allMatch(wanted -> first.stream().anyMatch(given -> implies(given, wanted)));
  }

  /** Whether CEL's {@code ==} treats both constants as equal. */
  static boolean same(Object first, Object second) {
    if (first instanceof Number one && second instanceof Number other) {
      return one.doubleValue() == other.doubleValue();
    }
    return first.equals(second);
  }

  private static boolean covers(ClaimTest given, ClaimTest wanted) {
    return switch (wanted) {
      case ClaimTest.Is(ClaimPath claim, List<Object> values) ->
          given instanceof ClaimTest.Is(ClaimPath same, List<Object> fewer)
              && same.equals(claim)
              && fewer.stream().allMatch(value -> has(values, value));
      case ClaimTest.Matches(ClaimPath claim, TextMatch match) -> covers(given, claim, match);
      case ClaimTest.Present(ClaimPath claim) ->
          switch (given) {
            case ClaimTest.Is is -> within(is.claim(), claim);
            case ClaimTest.Matches matches -> within(matches.claim(), claim);
            case ClaimTest.Present present -> within(present.claim(), claim);
            case ClaimTest.Same same -> within(same.first(), claim) || within(same.second(), claim);
            case ClaimTest.Ordered ordered -> within(ordered.claim(), claim);
            case ClaimTest.Other _ -> false;
          };
      case ClaimTest.Same _, ClaimTest.Ordered _, ClaimTest.Other _ -> false;
    };
  }

  private static boolean covers(ClaimTest given, ClaimPath claim, TextMatch wanted) {
    return switch (given) {
      case ClaimTest.Is(ClaimPath same, List<Object> values) ->
          same.equals(claim)
              && wanted.kind() != TextMatch.MatchKind.MATCHES
              && values.stream()
                  .allMatch(value -> value instanceof String text && matches(text, wanted));
      case ClaimTest.Matches(ClaimPath same, TextMatch match) ->
          same.equals(claim)
              && (wanted.kind() == match.kind() || wanted.kind() == TextMatch.MatchKind.CONTAINS)
              && match.kind() != TextMatch.MatchKind.MATCHES
              && matches(match.text(), wanted);
      case ClaimTest.Present _, ClaimTest.Same _, ClaimTest.Ordered _, ClaimTest.Other _ -> false;
    };
  }

  private static boolean excludes(ClaimTest first, ClaimTest second) {
    if (first instanceof ClaimTest.Is(ClaimPath claim, List<Object> values)) {
      return switch (second) {
        case ClaimTest.Is(ClaimPath same, List<Object> others) ->
            same.equals(claim) && values.stream().noneMatch(value -> has(others, value));
        case ClaimTest.Matches(ClaimPath same, TextMatch match) ->
            same.equals(claim)
                && match.kind() != TextMatch.MatchKind.MATCHES
                && values.stream()
                    .allMatch(value -> value instanceof String text && !matches(text, match));
        case ClaimTest.Present _, ClaimTest.Same _, ClaimTest.Ordered _, ClaimTest.Other _ -> false;
      };
    }
    if (first instanceof ClaimTest.Matches(ClaimPath claim, TextMatch match)) {
      return switch (second) {
        case ClaimTest.Is is -> excludes(is, first);
        case ClaimTest.Matches(ClaimPath same, TextMatch other) ->
            same.equals(claim)
                && other.kind() == match.kind()
                && (match.kind() == TextMatch.MatchKind.STARTS_WITH
                    || match.kind() == TextMatch.MatchKind.ENDS_WITH)
                && !matches(other.text(), match)
                && !matches(match.text(), other);
        case ClaimTest.Present _, ClaimTest.Same _, ClaimTest.Ordered _, ClaimTest.Other _ -> false;
      };
    }
    return false;
  }

  private static boolean matches(String text, TextMatch match) {
    return switch (match.kind()) {
      case STARTS_WITH -> text.startsWith(match.text());
      case ENDS_WITH -> text.endsWith(match.text());
      case CONTAINS -> text.contains(match.text());
      case MATCHES -> false;
    };
  }

  private static boolean has(List<Object> values, Object wanted) {
    return values.stream().anyMatch(value -> same(value, wanted));
  }

  /** Whether the presence of the inner path implies the presence of the outer one. */
  private static boolean within(ClaimPath inner, ClaimPath outer) {
    return inner.names().size() >= outer.names().size()
        && inner.names().subList(0, outer.names().size()).equals(outer.names());
  }
}
