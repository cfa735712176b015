package dev.tokenbroker.outbound;

import dev.tokenbroker.outbound.Circuit.CircuitEntry;
import dev.tokenbroker.outcome.Deadline;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One call through a guard: for one use, by the thread that makes it.
 *
 * <p>An interrupt ends the call at the next step and is kept here until then. The library loses it
 * in one place and discards a response for it in another.
 */
final class GuardedCall<T> {

  private final PeerGuard.Parts parts;
  private final Object key;
  private final Deadline deadline;
  private final Attempt<T> attempt;

  private boolean interrupted;
  private int attempts;
  private Attempted.@Nullable AttemptFailed<T> failed;
  private @Nullable Permission forRetry;
  private @Nullable Guarded<T> end;
  private @Nullable Throwable bug;

  GuardedCall(PeerGuard.Parts parts, Object key, Deadline deadline, Attempt<T> attempt) {
    this.parts = parts;
    this.key = key;
    this.deadline = deadline;
    this.attempt = attempt;
  }

  Guarded<T> run() {
    try {
      parts.retries().run(this::once);
    } catch (InterruptedException whileWaiting) {
      interrupted = true;
    } catch (RuntimeException bug) {
      throw bug;
    } catch (Exception impossible) {
      throw new IllegalStateException(impossible);
    } finally {
      if (forRetry != null) {
        parts.rules().ledger().cancel(forRetry);
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    return end == null ? notMade(Rejection.DEADLINE) : end;
  }

  private @Nullable Void once() throws SmallRyeGuards.RetryDue {
    Permission permission = forRetry;
    forRetry = null;
    if (permission == null) {
      if (deadline.hasPassed()) {
        end = notMade(Rejection.DEADLINE);
        return null;
      }
      switch (parts.rules().enter(key)) {
        case GuardRules.GuardEntry.Closed(Rejection why, Duration retryAfter) -> {
          end = new Guarded.GuardRejected<>(why, retryAfter);
          return null;
        }
        case GuardRules.GuardEntry.Open(Permission given) -> permission = given;
      }
    }
    Deadline patience = deadline.within(parts.settings().maxWait());
    Rejection noPlace = takePlace(patience);
    if (noPlace != null) {
      parts.rules().ledger().cancel(permission);
      end = notMade(noPlace);
      return null;
    }
    try {
      end = throughCircuit(permission, patience);
    } finally {
      parts.places().release();
    }
    return end == null ? planRetry() : null;
  }

  /** Takes a place, which then has to be released; returns null on success. */
  private @Nullable Rejection takePlace(Deadline patience) {
    try {
      // With a timeout, even zero: without one this call would overtake waiting calls.
      if (!parts.places().tryAcquire(patience.remaining().toNanos(), TimeUnit.NANOSECONDS)) {
        return Rejection.BUSY;
      }
    } catch (InterruptedException whileWaiting) {
      interrupted = true;
      return Rejection.DEADLINE;
    }
    if (deadline.hasPassed()) {
      parts.places().release();
      return Rejection.DEADLINE;
    }
    return null;
  }

  /** The end of the call; null where the attempt failed. */
  private @Nullable Guarded<T> throughCircuit(Permission permission, Deadline patience) {
    Rejection why =
        switch (enterCircuit(patience)) {
          case CircuitEntry.Stopped(Rejection stopped) -> stopped;
          case CircuitEntry.Passed pass ->
              parts.circuit().run(pass, () -> make(permission)) ? null : Rejection.CIRCUIT_OPEN;
        };
    switch (bug) {
      case null -> {}
      case Error error -> throw error;
      case RuntimeException exception -> throw exception;
      default -> throw new IllegalStateException(bug);
    }
    if (why == null) {
      return end;
    }
    parts.rules().ledger().cancel(permission);
    return notMade(why);
  }

  private CircuitEntry enterCircuit(Deadline patience) {
    try {
      CircuitEntry entry = parts.circuit().enter(patience.remaining());
      if (entry instanceof CircuitEntry.Passed pass && deadline.hasPassed()) {
        parts.circuit().leave(pass);
        return new CircuitEntry.Stopped(Rejection.DEADLINE);
      }
      return entry;
    } catch (InterruptedException whileWaiting) {
      interrupted = true;
      return new CircuitEntry.Stopped(Rejection.DEADLINE);
    }
  }

  /** Makes the attempt; returns whether the peer answered. */
  private boolean make(Permission permission) {
    parts.rules().ledger().begin(permission);
    attempts++;
    end = null; // that of the attempt before
    Attempted<T> result = null;
    try {
      result = attempt.run(deadline.within(parts.settings().attemptTimeout()));
    } catch (RuntimeException | Error thrown) {
      // Counts as a failure of the peer: a request may have been sent.
      bug = thrown;
    }
    interrupted = Thread.interrupted();
    switch (result) {
      case null -> parts.rules().ledger().failed(permission, null);
      case Attempted.Done<T>(T value) -> {
        parts.rules().ledger().succeeded(permission);
        end = new Guarded.GuardAnswered<>(value);
      }
      case Attempted.AttemptFailed<T> broken -> {
        parts.rules().ledger().failed(permission, broken.retryAfter());
        failed = broken;
      }
    }
    return result instanceof Attempted.Done<T>;
  }

  private @Nullable Void planRetry() throws SmallRyeGuards.RetryDue {
    Attempted.AttemptFailed<T> last = failed;
    if (last == null) {
      throw new IllegalStateException("neither an end nor a failure");
    }
    end = failure(last);
    GuardRules.RetryRules retry =
        interrupted ? null : parts.rules().retry(key, last, attempts, deadline.remaining());
    if (retry == null) {
      return null;
    }
    forRetry = retry.permission();
    throw new SmallRyeGuards.RetryDue(retry.delay().toMillis());
  }

  /**
   * The end of a call whose next attempt is not made: its last failure, if any, else a rejection.
   */
  private Guarded<T> notMade(Rejection why) {
    Duration retryAfter = parts.rules().reject(why);
    return failed == null ? new Guarded.GuardRejected<>(why, retryAfter) : failure(failed);
  }

  private Guarded<T> failure(Attempted.AttemptFailed<T> last) {
    return new Guarded.GuardedFailure<>(
        last.value(), attempts, parts.rules().afterFailure(last.retryAfter()));
  }
}
