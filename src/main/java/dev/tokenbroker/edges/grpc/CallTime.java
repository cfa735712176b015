package dev.tokenbroker.edges.grpc;

import dev.tokenbroker.base.outcome.Deadline;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The time that a caller gives one call: how much of it the evaluation may take, and whether gRPC
 * has time to repeat the call.
 *
 * <p>The broker keeps a tenth back for the response, from 100 ms to 1 s, and half of a very short
 * time. Otherwise the caller's own timer would end the call, and the caller would get no reason.
 */
final class CallTime {

  private static final int PART = 10;
  private static final Duration LEAST_KEPT = Duration.ofMillis(100);
  private static final Duration MOST_KEPT = Duration.ofSeconds(1);

  private final io.grpc.@Nullable Deadline callers;
  private final Duration maxDuration;
  private final Deadline evaluation;

  /**
   * @param callers the caller's deadline; null if it set none
   * @param maxDuration the longest that an exchange may take
   */
  CallTime(io.grpc.@Nullable Deadline callers, Duration maxDuration) {
    this.callers = callers;
    this.maxDuration = maxDuration;
    this.evaluation = evaluation();
  }

  /** When the evaluation must have ended. */
  Deadline deadline() {
    return evaluation;
  }

  /**
   * Whether gRPC can repeat the call after that time, and the caller still gets the response. A
   * deadline of at most {@code maxDuration} leaves time for the exchange only: a repetition may
   * then wait for a tenth of it, so that the reason arrives at once.
   */
  boolean allowsRetryAfter(Duration wait) {
    if (callers == null) {
      return true;
    }
    Duration left = left(callers);
    Duration most = left.compareTo(maxDuration) > 0 ? left.minus(kept(left)) : left.dividedBy(PART);
    return wait.compareTo(most) <= 0;
  }

  private Deadline evaluation() {
    if (callers == null) {
      return Deadline.limit(maxDuration);
    }
    Duration left = left(callers);
    Duration time = left.minus(kept(left));
    return time.compareTo(maxDuration) < 0 ? Deadline.after(time) : Deadline.limit(maxDuration);
  }

  private static Duration kept(Duration left) {
    Duration part = left.dividedBy(PART);
    if (part.compareTo(LEAST_KEPT) > 0) {
      return part.compareTo(MOST_KEPT) < 0 ? part : MOST_KEPT;
    }
    Duration half = left.dividedBy(2);
    return half.compareTo(LEAST_KEPT) < 0 ? half : LEAST_KEPT;
  }

  private static Duration left(io.grpc.Deadline deadline) {
    return Duration.ofNanos(deadline.timeRemaining(TimeUnit.NANOSECONDS));
  }
}
