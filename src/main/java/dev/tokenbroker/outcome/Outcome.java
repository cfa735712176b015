package dev.tokenbroker.outcome;

import java.util.function.Function;

/**
 * What came of something that may be refused: the value, or the refusal; never both, never neither.
 */
public sealed interface Outcome<T> {

  /** It was granted. */
  record Accepted<T>(T value) implements Outcome<T> {}

  /** It was not, for the reason that the refusal names. */
  record Refused<T>(Refusal refusal) implements Outcome<T> {

    /** The same refusal where another type of value was hoped for. */
    public <U> Refused<U> as() {
      return new Refused<>(refusal);
    }
  }

  static <T> Outcome<T> accepted(T value) {
    return new Accepted<>(value);
  }

  static <T> Outcome<T> refused(Refusal refusal) {
    return new Refused<>(refusal);
  }

  /** Goes on with the next step where this one was accepted; a refusal ends the way. */
  default <U> Outcome<U> then(Function<? super T, Outcome<U>> next) {
    return switch (this) {
      case Accepted<T>(T value) -> next.apply(value);
      case Refused<T> refused -> refused.as();
    };
  }

  default <U> Outcome<U> map(Function<? super T, ? extends U> change) {
    return then(value -> accepted(change.apply(value)));
  }
}
