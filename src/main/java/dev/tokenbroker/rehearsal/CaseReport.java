package dev.tokenbroker.rehearsal;

import java.util.List;

/**
 * The result of one case file.
 *
 * @param revision that of the federation that judged
 * @param pairs in the order of the file, those that no case names last
 */
public record CaseReport(String file, String revision, List<Pair> pairs) {

  /**
   * One identity and one target.
   *
   * @param testCase the name of the case; {@link #UNLISTED} where none names the pair
   * @param line of the case, or of the identity
   */
  public record Pair(
      String testCase,
      int line,
      String identity,
      String audience,
      Expectation expected,
      Judgement judgement) {

    /** In place of a case's name. */
    public static final String UNLISTED = "(not listed)";

    /** What came out otherwise; empty for a pair that passed. */
    public List<Expectation.Difference> differences() {
      return expected.differences(judgement);
    }

    public boolean passed() {
      return differences().isEmpty();
    }
  }

  /** The pairs that came out otherwise. */
  public List<Pair> failed() {
    return pairs.stream().filter(pair -> !pair.passed()).toList();
  }
}
