package dev.tokenbroker.outbound;

import io.smallrye.faulttolerance.api.CircuitBreakerState;
import java.util.function.LongSupplier;

/**
 * The last reported state of the breaker, and the turns of this replica to probe the peer while the
 * breaker is not closed.
 *
 * <p>The breaker lets a probe through after each probe interval. Several replicas take turns, so
 * that together they probe once in that time. The breaker reports on other threads, so a report may
 * come late; then a call waits or fails, and no probe comes early.
 *
 * <p>Not safe for use by several threads: {@link Circuit} holds the lock.
 */
final class ProbeSpacing {

  private final GuardShare share;
  private final LongSupplier nanoTime;
  private CircuitBreakerState reported = CircuitBreakerState.CLOSED;
  private boolean first;
  private boolean taken;
  private long openedNanos;

  ProbeSpacing(GuardShare share, LongSupplier nanoTime) {
    this.share = share;
    this.nanoTime = nanoTime;
  }

  CircuitBreakerState state() {
    // The breaker is ready for a probe before the turn of this replica comes.
    return reported == CircuitBreakerState.HALF_OPEN && leftNanos() > 0
        ? CircuitBreakerState.OPEN
        : reported;
  }

  boolean isClosed() {
    return reported == CircuitBreakerState.CLOSED;
  }

  /** How long the next turn of this replica is away. */
  long leftNanos() {
    if (isClosed()) {
      return 0;
    }
    long wait = (first ? share.firstProbe() : share.probeInterval()).toNanos();
    return Math.max(0, wait - (nanoTime.getAsLong() - openedNanos));
  }

  /** Takes the turn; false where it has not come, or is taken. */
  boolean take() {
    if (taken || leftNanos() > 0) {
      return false;
    }
    taken = true;
    return true;
  }

  /** Gives the turn back, as its probe is not made. */
  void giveBack() {
    taken = false;
  }

  /** The probe has succeeded. */
  void succeeded() {
    changed(CircuitBreakerState.CLOSED);
  }

  /** A report of the breaker. A probe that fails makes it report that it is open. */
  void changed(CircuitBreakerState now) {
    switch (now) {
      case OPEN -> {
        first = isClosed();
        openedNanos = nanoTime.getAsLong();
        taken = false;
        reported = now;
      }
      // The report of a breaker that has closed since is late.
      case HALF_OPEN -> reported = isClosed() ? reported : now;
      case CLOSED -> {
        taken = false;
        reported = now;
      }
    }
  }
}
