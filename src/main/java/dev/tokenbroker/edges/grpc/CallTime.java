package dev.tokenbroker.edges.grpc;

import dev.tokenbroker.base.refusal.Deadline;
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
  private static final long LEAST_KEPT_NANOS = 100_000_000;
  private static final long MOST_KEPT_NANOS = 1_000_000_000;

  /** More than any exchange takes. */
  private static final Duration NO_END = Duration.ofDays(1);

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
    Duration left = left();
    Duration time = left.minus(kept(left));
    this.evaluation =
        time.compareTo(maxDuration) < 0 ? Deadline.after(time) : Deadline.limit(maxDuration);
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
    Duration left = left();
    Duration most = left.compareTo(maxDuration) > 0 ? left.minus(kept(left)) : left.dividedBy(PART);
    return wait.compareTo(most) <= 0;
  }

  private static Duration kept(Duration left) {
    long nanos = left.toNanos();
    long part = Math.clamp(nanos / PART, LEAST_KEPT_NANOS, MOST_KEPT_NANOS);
    return Duration.ofNanos(Math.min(part, nanos / 2));
  }

  private Duration left() {
    return callers == null ? NO_END : Duration.ofNanos(callers.timeRemaining(TimeUnit.NANOSECONDS));
  }
}
