package dev.tokenbroker.judge.expression;

import java.util.List;

/**
 * A part of a condition's alternative; all parts of the alternative must hold. Two parts are equal
 * if their source and negation are equal.
 *
 * @param source the text in the form of {@link ExpressionText}: {@code claims.x == "y"}
 * @param negated whether the test must not hold
 * @param test the test, before negation
 * @param matches the text comparisons in the part, including those within comprehensions
 * @param uses the claims that the part reads
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

  /** Returns the part as a CEL expression. */
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
