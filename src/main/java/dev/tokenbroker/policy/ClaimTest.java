package dev.tokenbroker.policy;

import java.util.List;

/** What a part of a condition asks of a claim. */
public sealed interface ClaimTest {

  /**
   * The claim is one of these.
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

  /** The claim is there. */
  record Present(ClaimPath claim) implements ClaimTest {}

  /** Two claims are equal, whatever they are. */
  record Same(ClaimPath first, ClaimPath second) implements ClaimTest {}

  /** Anything else. */
  record Other() implements ClaimTest {}
}
