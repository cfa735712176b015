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

  /** Why a call was not let through to the peer. */
  enum Rejection {
    /** The peer failed several times in a row; one call per interval probes whether it is back. */
    CIRCUIT_OPEN,
    /** The peer asked this account of the broker for a pause that has not passed yet. */
    HELD,
    /** An attempt for the same key failed a moment ago, and no retry is left in the budget. */
    BUDGET_EXHAUSTED,
    /**
     * All places are taken, and none became free within the wait, which the deadline may have cut
     * short.
     */
    BUSY,
    /** The deadline came before an attempt could be made. */
    DEADLINE
  }
}
