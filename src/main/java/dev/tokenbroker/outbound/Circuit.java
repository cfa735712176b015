package dev.tokenbroker.outbound;

import io.smallrye.faulttolerance.api.CircuitBreakerState;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.eclipse.microprofile.faulttolerance.exceptions.CircuitBreakerOpenException;
import org.jspecify.annotations.Nullable;

/**
 * Bounds the attempts that this replica makes while none succeeds: first those of the {@link
 * OutageBudget}, then one probe at a time by {@link ProbeSpacing}. Safe for use by several threads.
 *
 * <p>The library's breaker opens after a fixed number of failures, for a fixed time. The part of a
 * replica changes as replicas come and go. So the breaker opens at the first failure that it is
 * told of, and this class decides which one that is.
 */
final class Circuit {

  private final OutageBudget budget;
  private final ProbeSpacing probes;
  private final Breaker breaker;

  /** Whether an attempt may begin. */
  sealed interface CircuitEntry {
    record Passed(boolean probe) implements CircuitEntry {}

    record Stopped(Rejection why) implements CircuitEntry {}
  }

  /** Opens the breaker. Carries no stack trace. */
  private static final class PeerFailed extends Exception {
    PeerFailed() {
      super("the peer failed", null, false, false);
    }
  }

  /**
   * @param breaker makes a breaker that opens at the first failure and reports to that listener
   */
  Circuit(
      GuardShare share,
      LongSupplier nanoTime,
      Function<Consumer<CircuitBreakerState>, Breaker> breaker) {
    this.budget = new OutageBudget(share);
    this.probes = new ProbeSpacing(share, nanoTime);
    this.breaker = breaker.apply(this::changed);
  }

  synchronized CircuitBreakerState state() {
    return probes.state();
  }

  /** How long no call can get through; zero where a call may. */
  synchronized Duration untilProbe() {
    return Duration.ofNanos(probes.leftNanos());
  }

  /**
   * Takes a pass, which is then used by {@link #run} or given back by {@link #leave}.
   *
   * @param wait how long to wait for a success, if no unit of the outage budget is left
   */
  CircuitEntry enter(Duration wait) throws InterruptedException {
    CircuitEntry entry = pass(wait);
    if (entry != null) {
      return entry;
    }
    // The part of this replica has become smaller: opens before the next attempt, not after it.
    boolean told = through(() -> false);
    synchronized (this) {
      // The breaker stays closed only if the library is switched off, and the circuit with it.
      return told && probes.isClosed() ? unit() : new CircuitEntry.Stopped(Rejection.CIRCUIT_OPEN);
    }
  }

  /** Gives a pass back, since the attempt is not made. */
  synchronized void leave(CircuitEntry.Passed pass) {
    if (pass.probe()) {
      probes.giveBack();
    } else {
      budget.giveBack();
    }
    notifyAll();
  }

  /**
   * Runs the attempt; if the breaker does not let it, gives the pass back and returns false.
   *
   * @param attempt returns whether the peer answered; it does not throw
   */
  boolean run(CircuitEntry.Passed pass, BooleanSupplier attempt) {
    boolean made =
        through(
            () -> {
              begin(pass);
              return !ended(pass, attempt.getAsBoolean());
            });
    if (!made) {
      leave(pass);
    }
    return made;
  }

  /** The attempt begins. */
  synchronized void begin(CircuitEntry.Passed pass) {
    if (!pass.probe()) {
      budget.begin();
    }
  }

  /** The attempt has ended; returns whether the breaker is to open. */
  synchronized boolean ended(CircuitEntry.Passed pass, boolean answered) {
    notifyAll();
    if (!answered) {
      budget.failed();
      // An attempt from before may meet a breaker that is ready for a probe, and be that probe.
      return pass.probe() || budget.isSpent() || !probes.isClosed();
    }
    budget.succeeded();
    if (pass.probe()) {
      probes.succeeded();
    }
    return false;
  }

  /** Null where the breaker must open first. */
  private synchronized @Nullable CircuitEntry pass(Duration wait) throws InterruptedException {
    long end = System.nanoTime() + wait.toNanos();
    while (probes.isClosed() && !budget.isSpent() && !budget.hasRoom()) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        return new CircuitEntry.Stopped(Rejection.BUSY);
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
    if (probes.isClosed()) {
      return budget.isSpent() ? null : unit();
    }
    return probes.take()
        ? new CircuitEntry.Passed(true)
        : new CircuitEntry.Stopped(Rejection.CIRCUIT_OPEN);
  }

  private CircuitEntry unit() {
    budget.take();
    return new CircuitEntry.Passed(false);
  }

  /** Has the breaker run that, false for a failure; returns whether the breaker did. */
  private boolean through(BooleanSupplier attempt) {
    Callable<Void> call =
        () -> {
          if (!attempt.getAsBoolean()) {
            throw new PeerFailed();
          }
          return null;
        };
    try {
      breaker.run(call);
      return true;
    } catch (PeerFailed opened) {
      return true;
    } catch (CircuitBreakerOpenException open) {
      return false;
    } catch (RuntimeException bug) {
      throw bug;
    } catch (Exception impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private synchronized void changed(CircuitBreakerState now) {
    probes.changed(now);
    notifyAll();
  }
}
