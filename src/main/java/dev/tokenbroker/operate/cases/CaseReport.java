package dev.tokenbroker.operate.cases;

import dev.tokenbroker.base.refusal.Evidence;
import dev.tokenbroker.base.yaml.Problem;
import java.util.List;
import java.util.stream.Stream;

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

  private static final String REMEDY =
      "Correct the federation document, or the case if the change is intended.";

  /** The pairs with a difference. */
  public List<Pair> failed() {
    return pairs.stream().filter(pair -> !pair.passed()).toList();
  }

  /** The pairs with a difference as problems of the file, in its order. */
  public Stream<Problem> failures() {
    return failed().stream()
        .map(pair -> new Problem(file, pair.line(), Evidence.clean(message(pair)), REMEDY));
  }

  private static String message(Pair pair) {
    if (pair.expected() instanceof Expectation.Unlisted) {
      return "no case names %s and %s, but the rule %s accepts this pair"
          .formatted(pair.identity(), pair.audience(), pair.judgement().rule());
    }
    Expectation.Difference first = pair.differences().getFirst();
    return "the case '%s' fails for %s and %s: %s: expected %s, got %s"
        .formatted(
            pair.testCase(),
            pair.identity(),
            pair.audience(),
            first.what(),
            first.expected(),
            first.got());
  }
}
