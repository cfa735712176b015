package dev.tokenbroker.policy;

/** What came of running an {@link Expression} over the facts of one exchange. */
sealed interface Evaluation<T> {

  /** It has this value. */
  record Value<T>(T value) implements Evaluation<T> {}

  /**
   * It reads a claim, or an element of one, that the credential does not have.
   *
   * @param detail what the evaluation said, for operators
   */
  record Missing<T>(String detail) implements Evaluation<T> {
    <U> Missing<U> as() {
      return new Missing<>(detail);
    }
  }

  /**
   * It has no value, since it errs or costs too much.
   *
   * @param why a clause that may be shown to the caller: no part of the expression, no claim
   * @param detail what the evaluation said, for operators; empty where there is no more to say
   */
  record Failed<T>(String why, String detail) implements Evaluation<T> {
    <U> Failed<U> as() {
      return new Failed<>(why, detail);
    }

    /** The same failure of that part of a rule. */
    <U> Failed<U> of(String part) {
      return new Failed<>(part + " " + why, detail);
    }
  }
}
