package dev.tokenbroker.rehearsal;

import java.util.List;

/**
 * The result of one case file.
 *
 * @param revision the revision of the federation
 * @param pairs the pairs in file order; pairs without a case come last
 */
public record CaseReport(String file, String revision, List<Pair> pairs) {

  /**
   * The result for one identity and one target.
   *
   * @param testCase the name of the case; {@link #UNLISTED} if no case names the pair
   * @param line the line of the case, or of the identity
   */
  public record Pair(
      String testCase,
      int line,
      String identity,
      String audience,
      Expectation expected,
      Judgement judgement) {

    /** The name for pairs without a case. */
    public static final String UNLISTED = "(not listed)";

    /** The differences from the expectation; empty for a passed pair. */
    public List<Expectation.Difference> differences() {
      return expected.differences(judgement);
    }

    public boolean passed() {
      return differences().isEmpty();
    }
  }

  /** The pairs with a difference. */
  public List<Pair> failed() {
    return pairs.stream().filter(pair -> !pair.passed()).toList();
  }
}
