package dev.tokenbroker.base.refusal;

import java.util.function.Function;
import java.util.function.UnaryOperator;

/** The result of something that may be refused: the value or the refusal, exactly one of them. */
public sealed interface Outcome<T> {

  /** The granted value. */
  record Accepted<T>(T value) implements Outcome<T> {}

  /** The refusal, which names the reason. */
  record Refused<T>(Refusal refusal) implements Outcome<T> {

    /** The same refusal for another type of value. */
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

  /** Goes on with the next step if this one was accepted; a refusal ends the chain. */
  default <U> Outcome<U> then(Function<? super T, Outcome<U>> next) {
    return switch (this) {
      case Accepted<T>(T value) -> next.apply(value);
      case Refused<T> refused -> refused.as();
    };
  }

  /** The same outcome, with another refusal where it is one. */
  default Outcome<T> mapRefusal(UnaryOperator<Refusal> change) {
    return this instanceof Refused<T>(Refusal refusal) ? refused(change.apply(refusal)) : this;
  }

  default <U> Outcome<U> map(Function<? super T, ? extends U> change) {
    return then(value -> accepted(change.apply(value)));
  }
}
