package dev.tokenbroker.judge.expression;

import java.util.List;

/** The test that a part of a condition applies to a claim. */
public sealed interface ClaimTest {

  /**
   * The claim equals one of these values.
   *
   * @param values constants: strings, longs, doubles and booleans, at least one
   */
  record Is(ClaimPath claim, List<Object> values) implements ClaimTest {
    public Is {
      values = List.copyOf(values);
    }
  }

  /** The text of the claim matches. */
  record Matches(ClaimPath claim, TextMatch match) implements ClaimTest {}

  /** The claim is present. */
  record Present(ClaimPath claim) implements ClaimTest {}

  /** Two claims have equal values. */
  record Same(ClaimPath first, ClaimPath second) implements ClaimTest {}

  /** The claim is less or greater than a constant. */
  record Ordered(ClaimPath claim, Object value) implements ClaimTest {}

  /** Any other test. */
  record Other() implements ClaimTest {}
}
