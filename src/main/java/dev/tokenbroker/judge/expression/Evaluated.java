package dev.tokenbroker.judge.expression;

/** The result of evaluating an {@link Expression} over the facts of one exchange. */
public sealed interface Evaluated<T> {

  /** The expression has this value. */
  record Value<T>(T value) implements Evaluated<T> {}

  /**
   * The expression reads a claim, or an element of one, that the credential does not have.
   *
   * @param detail the message of the evaluation, for operators
   */
  record Missing<T>(String detail) implements Evaluated<T> {
    public <U> Missing<U> as() {
      return new Missing<>(detail);
    }
  }

  /**
   * The expression has no value, since it fails or costs too much.
   *
   * @param why a clause that may be shown to the caller: no part of the expression, no claim
   * @param detail the message of the evaluation, for operators; empty where there is none
   */
  record Failed<T>(String why, String detail) implements Evaluated<T> {
    public <U> Failed<U> as() {
      return new Failed<>(why, detail);
    }

    /** The same failure, attributed to that part of a rule. */
    public <U> Failed<U> of(String part) {
      return new Failed<>(part + " " + why, detail);
    }
  }
}
