package dev.tokenbroker.policy;

import java.util.List;

/**
 * One of the parts of a condition that must all hold. Two of them are equal if they are written
 * alike.
 *
 * @param source in one way of writing, whatever the document's: {@code claims.x == "y"}
 * @param negated whether the test must not hold
 * @param test what it asks, before negation
 * @param matches the comparisons of texts in it, also within comprehensions
 * @param uses the claims that it reads
 */
public record Conjunct(
    String source, boolean negated, ClaimTest test, List<TextMatch> matches, ClaimUses uses) {

  private static final String EQUALS = " == ";

  public Conjunct {
    matches = List.copyOf(matches);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Conjunct that && negated == that.negated && source.equals(that.source);
  }

  @Override
  public int hashCode() {
    return source.hashCode() + (negated ? 1 : 0);
  }

  /** As an expression has it. */
  @Override
  public String toString() {
    if (!negated) {
      return source;
    }
    boolean equality = test instanceof ClaimTest.Is || test instanceof ClaimTest.Same;
    return equality && source.contains(EQUALS)
        ? source.replaceFirst(EQUALS, " != ")
        : "!(" + source + ")";
  }
}
