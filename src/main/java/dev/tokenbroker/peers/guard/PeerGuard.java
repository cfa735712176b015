package dev.tokenbroker.peers.guard;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.peers.guard.Attempt.Attempted;
import dev.tokenbroker.peers.guard.Guarded.Rejection;
import dev.tokenbroker.peers.guard.PeerStatus.CircuitState;
import dev.tokenbroker.peers.store.Roster.Rank;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Bounds the requests to one upstream, whatever callers do and whatever state the upstream is in.
 * There is one guard for each upstream.
 *
 * <p>A call makes attempts until one is answered or no further one is allowed. Each attempt needs,
 * in this order:
 *
 * <ol>
 *   <li><b>a permission</b> of {@link GuardState}: the circuit is not open, and the attempt is
 *       needed or takes a token;
 *   <li><b>a place</b> among the attempts under way, with a bounded wait in the order of arrival;
 *   <li><b>a pass</b> of the circuit, which bounds the attempts since the last success and lets one
 *       probe through at a time.
 * </ol>
 *
 * <p>A step that refuses gives back what the steps before it gave. A further attempt follows only
 * after a retryable failure, after a wait with full jitter that ends before the deadline; no place
 * is held while waiting. The bound, its assumptions and its proofs are in {@code
 * src/docs/operate/upstream-bound.md}.
 *
 * <p>Blocks, so it is called on virtual threads only; safe for use by many. Holds no thread and
 * nothing that needs closing. An interrupt ends the call at its next step and stays set.
 */
public final class PeerGuard {

  private final String peer;
  private final GuardSettings settings;
  private final GuardState state;
  private final BackOff backOff;
  private final Semaphore places;
  private final Pauses pauses;

  /**
   * A guard for that peer, with a full budget and a closed circuit.
   *
   * @param rank the present rank of this replica, by which it takes its part of the limits
   * @throws IllegalArgumentException where a setting is out of its range; see {@link GuardLimits}
   */
  public PeerGuard(String peer, GuardSettings settings, Supplier<Rank> rank, Clocks clock) {
    this(peer, settings, rank, clock, new Pauses(settings.maxRetryAfter(), clock::nanoTime));
  }

  PeerGuard(String peer, GuardSettings settings, Supplier<Rank> rank, Clocks clock, Pauses pauses) {
    GuardLimits.require(settings);
    this.peer = peer;
    this.settings = settings;
    this.state =
        new GuardState(
            settings, new GuardShare(settings, rank), GuardState.MAX_KEYS, clock::nanoTime);
    this.backOff =
        new BackOff(
            settings.backOffBase(),
            settings.backOffCap(),
            longest -> clock.random().nextLong(longest));
    this.places = new Semaphore(settings.concurrency(), true);
    this.pauses = pauses;
  }

  /**
   * Calls the peer: makes attempts until one is done or no further one is allowed.
   *
   * @param key identifies the request; calls for the same thing give equal keys. The guard
   *     remembers it for a while after a failure, so it is small and holds no secret.
   * @param deadline until when the caller waits
   */
  public <T> Guarded<T> call(Object key, Deadline deadline, Attempt<T> attempt) {
    return call(key, peer, deadline, attempt);
  }

  /**
   * The same for one of several accounts at the peer.
   *
   * @param account whom the peer's limits hold for; equal accounts of all guards pause together
   */
  public <T> Guarded<T> call(Object key, Object account, Deadline deadline, Attempt<T> attempt) {
    if (deadline.hasPassed()) {
      return new Guarded.GuardRejected<>(
          Rejection.DEADLINE, reject(Rejection.DEADLINE, Duration.ZERO));
    }
    Duration pause = pauses.left(account);
    if (pause.isPositive()) {
      return new Guarded.GuardRejected<>(Rejection.HELD, reject(Rejection.HELD, pause));
    }
    GuardState.Permission permission;
    switch (state.enter(key)) {
      case GuardState.Entry.Refused(Rejection why, Duration delay) -> {
        return new Guarded.GuardRejected<>(why, reject(why, delay));
      }
      case GuardState.Entry.Admitted(GuardState.Permission given) -> permission = given;
    }
    Attempted.AttemptFailed<T> failed = null;
    for (int attempts = 0; ; ) {
      Rejection why = claim(permission, account, deadline);
      if (why != null) {
        Duration held = pauses.left(account);
        Duration retryAfter = reject(why, held.isPositive() ? held : settings.coolDown());
        return failed == null
            ? new Guarded.GuardRejected<>(why, retryAfter)
            : failure(failed, attempts);
      }
      switch (make(permission, attempt, deadline)) {
        case Attempted.Done<T>(T value) -> {
          return new Guarded.GuardAnswered<>(value);
        }
        case Attempted.AttemptFailed<T> broken -> failed = broken;
      }
      pauses.begin(account, failed.retryAfter());
      attempts++;
      Duration delay = beforeRetry(failed, attempts, deadline);
      GuardState.Permission next = delay == null ? null : state.enterAgain(key);
      if (delay == null || next == null) {
        return failure(failed, attempts);
      }
      if (!waitFor(delay)) {
        state.cancel(next);
        return failure(failed, attempts);
      }
      permission = next;
    }
  }

  /**
   * Makes one attempt that takes part in no bound of this guard, and changes neither its budget nor
   * its circuit: for what callers cause without a decision of the broker, which bounds it itself.
   *
   * @param account as for {@link #call}, and another than those of calls
   */
  public <T> Guarded<T> apart(Object account, Deadline deadline, Attempt<T> attempt) {
    Duration pause = pauses.left(account);
    if (pause.isPositive()) {
      return new Guarded.GuardRejected<>(Rejection.HELD, reject(Rejection.HELD, pause));
    }
    return switch (attempt.run(deadline.within(settings.attemptTimeout()))) {
      case Attempted.Done<T>(T value) -> new Guarded.GuardAnswered<>(value);
      case Attempted.AttemptFailed<T> failed -> {
        pauses.begin(account, failed.retryAfter());
        yield failure(failed, 1);
      }
    };
  }

  /**
   * Takes a place and a pass, and begins the attempt; where there is none, gives the permission
   * back and says why.
   */
  private @Nullable Rejection claim(
      GuardState.Permission permission, Object account, Deadline deadline) {
    Deadline patience = deadline.within(settings.maxWait());
    boolean placed = false;
    Rejection why = Rejection.BUSY;
    try {
      // With a timeout, even zero: without one this call would overtake waiting calls.
      placed = places.tryAcquire(patience.remaining().toNanos(), TimeUnit.NANOSECONDS);
      if (placed) {
        why = deadline.hasPassed() ? null : state.pass(permission, patience.remaining());
        why = why == null && deadline.hasPassed() ? Rejection.DEADLINE : why;
        why = why == null && pauses.left(account).isPositive() ? Rejection.HELD : why;
        why = why == null && !state.begin(permission) ? Rejection.CIRCUIT_OPEN : why;
      }
    } catch (InterruptedException whileWaiting) {
      Thread.currentThread().interrupt();
      why = Rejection.DEADLINE;
    }
    if (why != null) {
      if (placed) {
        places.release();
      }
      state.cancel(permission);
    }
    return why;
  }

  private <T> Attempted<T> make(
      GuardState.Permission permission, Attempt<T> attempt, Deadline deadline) {
    Attempted<T> end = null;
    try {
      end = attempt.run(deadline.within(settings.attemptTimeout()));
      return end;
    } finally {
      try {
        if (end instanceof Attempted.Done<T>) {
          state.succeeded(permission);
        } else {
          // An attempt that throws counts as a failure of the peer: a request may have been sent.
          state.failed(
              permission,
              end instanceof Attempted.AttemptFailed<T> failed ? failed.retryAfter() : null);
        }
      } finally {
        places.release();
      }
    }
  }

  /**
   * The wait before a further attempt; null where the call makes none: the failure is not
   * retryable, the maximum is reached or the deadline comes first. A call does not wait out a long
   * Retry-After with a token set aside; its caller does.
   */
  private @Nullable Duration beforeRetry(
      Attempted.AttemptFailed<?> failed, int attempts, Deadline deadline) {
    Duration asked = failed.retryAfter();
    if (!failed.retryable()
        || attempts >= settings.maxAttempts()
        || Thread.currentThread().isInterrupted()
        || (asked != null && asked.compareTo(settings.backOffCap()) > 0)) {
      return null;
    }
    Duration delay = backOff.beforeRetry(attempts, asked);
    return delay.compareTo(deadline.remaining()) < 0 ? delay : null;
  }

  /** False where an interrupt has ended the wait. */
  private static boolean waitFor(Duration delay) {
    try {
      Thread.sleep(delay);
      return true;
    } catch (InterruptedException whileWaiting) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private <T> Guarded<T> failure(Attempted.AttemptFailed<T> last, int attempts) {
    Duration asked = last.retryAfter() == null ? Duration.ZERO : last.retryAfter();
    return new Guarded.GuardedFailure<>(
        last.value(), attempts, backOff.past(asked, settings.coolDown()));
  }

  /**
   * Counts a call that makes no attempt; returns when its caller should come back.
   *
   * @param delay until the key may be asked for again
   */
  private Duration reject(Rejection why, Duration delay) {
    state.rejected(why);
    return switch (why) {
      // With jitter, so that the success of a probe is not followed by a spike.
      case CIRCUIT_OPEN ->
          state.circuit() == CircuitState.HALF_OPEN
              ? backOff.upTo(settings.attemptTimeout())
              : backOff.past(state.untilProbe(), settings.probeInterval().dividedBy(2));
      case HELD -> backOff.past(delay, settings.coolDown());
      case BUDGET_EXHAUSTED -> backOff.upTo(delay);
      // A short wait, since nothing failed and places become free all the time.
      case BUSY, DEADLINE -> backOff.upTo(settings.attemptTimeout().dividedBy(2));
    };
  }

  /** Whether the peer has asked that account for a pause that has not passed. */
  public boolean isPaused(Object account) {
    return pauses.left(account).isPositive();
  }

  /** The current state of the guard. */
  public PeerStatus status() {
    return state.status(peer);
  }
}
