package dev.tokenbroker.judge.policy;

import java.util.List;

/** The result of compiling an expression of the federation document. */
public sealed interface Compiled<T> {

  /** The expression is well-formed and has the right type. */
  record Ok<T>(T value) implements Compiled<T> {}

  /** The expression is wrong for these reasons; at least one, in the order of the text. */
  record Bad<T>(List<Mistake> mistakes) implements Compiled<T> {
    public Bad {
      mistakes = List.copyOf(mistakes);
    }
  }

  /**
   * One reason.
   *
   * @param message what is wrong, in one line
   * @param line the line within the expression, from 1
   * @param column the column within that line, from 1
   */
  record Mistake(String message, int line, int column) {}
}
