package dev.tokenbroker.peers.guard;

import java.time.Duration;

/** The result of a guarded call. */
public sealed interface Guarded<T> {

  /** The peer responded. */
  record GuardAnswered<T>(T value) implements Guarded<T> {}

  /**
   * Every attempt failed, and no further one is made.
   *
   * @param lastValue the value of the last attempt
   * @param attempts how many there were, at least one
   * @param retryAfter when the caller should come back: full jitter over the time until its next
   *     attempt needs no retry, added to the peer's Retry-After
   */
  record GuardedFailure<T>(T lastValue, int attempts, Duration retryAfter) implements Guarded<T> {}

  /**
   * No attempt was made.
   *
   * @param retryAfter when the caller should come back, with full jitter; also set where the
   *     deadline came first, since callers may have time left
   */
  record GuardRejected<T>(Rejection why, Duration retryAfter) implements Guarded<T> {}
}
