package dev.tokenbroker.outbound;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How one attempt ended, in the eyes of whoever understands the answer. */
public sealed interface Attempted<T> {

  /** The peer works and has answered, be it with a refusal: nothing to be tried again. */
  record Done<T>(T value) implements Attempted<T> {}

  /**
   * The peer is in trouble, or cannot be reached.
   *
   * @param retryable whether the same request may be sent again
   * @param retryAfter how long the peer asks us to wait; null where it does not say
   */
  record Failed<T>(T value, boolean retryable, @Nullable Duration retryAfter)
      implements Attempted<T> {}
}
