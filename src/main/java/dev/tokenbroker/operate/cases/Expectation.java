package dev.tokenbroker.operate.cases;

import dev.tokenbroker.base.refusal.RefusalReason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The decision that a case expects from the federation. */
public sealed interface Expectation {

  /**
   * A rule grants a token. Null components are not compared.
   *
   * @param scopes sorted
   */
  record ByRule(
      String rule,
      @Nullable String subject,
      @Nullable List<String> scopes,
      @Nullable Map<String, Object> claims,
      @Nullable Duration lifetime)
      implements Expectation {}

  /** The request is refused for that reason. */
  record ForReason(RefusalReason reason) implements Expectation {}

  /** The request is refused for any reason. This applies to pairs that no case names. */
  record Unlisted() implements Expectation {}

  /**
   * A difference between the expectation and the judgement.
   *
   * @param what {@code outcome}, {@code rule}, {@code reason}, {@code subject}, {@code scopes},
   *     {@code claims} or {@code lifetime}
   */
  record Difference(String what, String expected, String got) {}

  /** Returns the differences; empty if the judgement matches. */
  default List<Difference> differences(Judgement judgement) {
    return switch (this) {
      case ByRule expected -> differences(expected, judgement);
      case ForReason(RefusalReason reason) ->
          switch (judgement) {
            case Judgement.Granted granted -> List.of(outcome(granted));
            case Judgement.Denied denied when denied.reason() == reason -> List.of();
            case Judgement.Denied denied ->
                List.of(new Difference("reason", reason.name(), denied.reason().name()));
          };
      case Unlisted _ ->
          judgement instanceof Judgement.Granted granted ? List.of(outcome(granted)) : List.of();
    };
  }

  private Difference outcome(Judgement.Granted granted) {
    return new Difference("outcome", describe(), "accepted by " + granted.rule());
  }

  private static List<Difference> differences(ByRule expected, Judgement judgement) {
    return switch (judgement) {
      case Judgement.Denied denied ->
          List.of(new Difference("outcome", expected.describe(), "refused: " + denied.reason()));
      case Judgement.Granted granted -> {
        List<Difference> found = new ArrayList<>();
        compare(found, "rule", expected.rule(), granted.rule());
        compare(found, "subject", expected.subject(), granted.subject());
        compare(found, "scopes", expected.scopes(), granted.scopes());
        compareClaims(found, expected.claims(), granted.claims());
        compare(found, "lifetime", expected.lifetime(), granted.lifetime());
        yield List.copyOf(found);
      }
    };
  }

  private static void compare(
      List<Difference> found, String what, @Nullable Object expected, @Nullable Object got) {
    if (expected != null && !expected.equals(got)) {
      found.add(
          new Difference(what, ValueText.of(expected), got == null ? "none" : ValueText.of(got)));
    }
  }

  /** Compares claims and shows only different ones: a report has no room for all claims. */
  private static void compareClaims(
      List<Difference> found, @Nullable Map<String, Object> expected, Map<String, Object> got) {
    if (expected != null) {
      compare(found, "claims", without(got, expected), without(expected, got));
    }
  }

  private static Map<String, Object> without(Map<String, Object> known, Map<String, Object> all) {
    Map<String, Object> left = new HashMap<>(all);
    left.entrySet().removeAll(known.entrySet());
    return left;
  }

  /** Describes the expectation in words. */
  default String describe() {
    return switch (this) {
      case ByRule expected -> "accepted by " + expected.rule();
      case ForReason(RefusalReason reason) -> "refused: " + reason;
      case Unlisted _ -> "refused, since no case names this pair";
    };
  }
}
