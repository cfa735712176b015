package dev.tokenbroker.outbound;

import io.smallrye.faulttolerance.api.CircuitBreakerState;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The decisions of a guard, apart from waiting and sending: which calls are admitted, whether and
 * when a call retries, and when callers should return. Safe for use by several threads.
 */
final class GuardRules {

  private final GuardSettings settings;
  private final AttemptLedger ledger;
  private final Circuit circuit;
  private final BackOff backOff;
  private final LongAdder rejectedByCircuit = new LongAdder();
  private final LongAdder rejectedByHold = new LongAdder();
  private final LongAdder rejectedByBudget = new LongAdder();
  private final LongAdder rejectedByBusy = new LongAdder();

  /** Whether a call may wait for a place. */
  sealed interface GuardEntry {
    record Open(Permission permission) implements GuardEntry {}

    record Closed(Rejection why, Duration retryAfter) implements GuardEntry {}
  }

  /** A further attempt: its delay and its permission. */
  record RetryRules(Duration delay, Permission permission) {}

  GuardRules(GuardSettings settings, AttemptLedger ledger, Circuit circuit, BackOff backOff) {
    this.settings = settings;
    this.ledger = ledger;
    this.circuit = circuit;
    this.backOff = backOff;
  }

  AttemptLedger ledger() {
    return ledger;
  }

  /** Decides on the first attempt of a call: the circuit is checked before the budget. */
  GuardEntry enter(Object key) {
    if (!circuit.untilProbe().isZero()) {
      return new GuardEntry.Closed(Rejection.CIRCUIT_OPEN, reject(Rejection.CIRCUIT_OPEN));
    }
    return switch (ledger.admit(key, circuit.state() == CircuitBreakerState.CLOSED)) {
      case AttemptLedger.AttemptAdmission.AttemptAdmitted(Permission permission) ->
          new GuardEntry.Open(permission);
      case AttemptLedger.AttemptAdmission.Held(Duration delay) ->
          new GuardEntry.Closed(Rejection.HELD, reject(Rejection.HELD, delay));
      case AttemptLedger.AttemptAdmission.AttemptRefused(Duration delay) ->
          new GuardEntry.Closed(
              Rejection.BUDGET_EXHAUSTED, reject(Rejection.BUDGET_EXHAUSTED, delay));
    };
  }

  /**
   * Plans a further attempt; null where the call makes none: the failure is not retryable, the
   * maximum is reached, the deadline comes first, the circuit is open or no token is left. A call
   * does not wait out a long RetryRules-After with a token set aside; its caller does.
   */
  @Nullable RetryRules retry(
      Object key, Attempted.AttemptFailed<?> failed, int attempts, Duration remaining) {
    if (!failed.retryable() || attempts >= settings.maxAttempts()) {
      return null;
    }
    Duration asked = failed.retryAfter();
    if (asked != null && asked.compareTo(settings.backOffCap()) > 0) {
      return null;
    }
    Duration delay = backOff.beforeRetry(attempts, asked);
    if (delay.compareTo(remaining) >= 0 || !circuit.untilProbe().isZero()) {
      return null;
    }
    Permission permission = ledger.admitRetry(key);
    return permission == null ? null : new RetryRules(delay, permission);
  }

  /** When a caller whose last attempt failed should come back. */
  Duration afterFailure(@Nullable Duration retryAfter) {
    return backOff.past(retryAfter == null ? Duration.ZERO : retryAfter, settings.coolDown());
  }

  /** Counts an admitted call that did not reach its attempt; returns when to come back. */
  Duration reject(Rejection why) {
    return reject(why, settings.coolDown());
  }

  /**
   * @param delay until the key may be asked for again
   */
  private Duration reject(Rejection why, Duration delay) {
    return switch (why) {
      case CIRCUIT_OPEN -> {
        rejectedByCircuit.increment();
        // With jitter, so that the success of a probe is not followed by a spike.
        yield circuit.state() == CircuitBreakerState.HALF_OPEN
            // The probe is under way, and the circuit does not report its start.
            ? backOff.upTo(settings.attemptTimeout())
            // Not before the next probe.
            : backOff.past(circuit.untilProbe(), settings.probeInterval().dividedBy(2));
      }
      case HELD -> {
        rejectedByHold.increment();
        yield afterFailure(delay);
      }
      case BUDGET_EXHAUSTED -> {
        rejectedByBudget.increment();
        yield backOff.upTo(delay);
      }
      case BUSY -> {
        rejectedByBusy.increment();
        yield soon();
      }
      case DEADLINE -> soon();
    };
  }

  /** A short wait, since nothing failed and places become free all the time. */
  private Duration soon() {
    return backOff.upTo(settings.attemptTimeout().dividedBy(2));
  }

  PeerStatus status(String peer) {
    AttemptLedger.Figures figures = ledger.figures();
    long attempts = figures.needed() + figures.retries();
    return new PeerStatus(
        peer,
        circuit.state(),
        figures.tokens(),
        (int) (attempts - figures.successes() - figures.failures()),
        settings.concurrency(),
        attempts,
        figures.needed(),
        figures.probes(),
        figures.retries(),
        figures.successes(),
        figures.failures(),
        rejectedByCircuit.sum(),
        rejectedByHold.sum(),
        rejectedByBudget.sum(),
        rejectedByBusy.sum(),
        figures.granted(),
        settings.retryRatio());
  }
}
