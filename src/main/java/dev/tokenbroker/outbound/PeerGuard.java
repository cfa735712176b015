package dev.tokenbroker.outbound;

import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.store.Rank;
import io.smallrye.faulttolerance.api.CircuitBreakerState;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.LongUnaryOperator;
import java.util.function.Supplier;

/**
 * Bounds the requests to one upstream, whatever callers do and whatever state the upstream is in.
 * There is one guard for each upstream.
 *
 * <p>A call goes through, in this order:
 *
 * <ol>
 *   <li><b>retries</b>: repeat the steps below up to a maximum, with full jitter in between; only
 *       after a retryable failure, if the wait ends before the deadline and the budget has a token;
 *   <li><b>the last known state of the circuit</b>: while it is open, the call ends here;
 *   <li><b>{@link AttemptLedger}</b>: the attempt is needed, or takes a token, or is not made; a
 *       later step that refuses gives the permission back;
 *   <li><b>a place</b> among the attempts under way, with a bounded wait in the order of arrival;
 *   <li><b>the circuit itself</b>: bounds the attempts since the last success, opens after failures
 *       in a row, lets one probe through each interval;
 *   <li><b>the attempt</b>, which has until its timeout or the deadline, whichever is sooner.
 * </ol>
 *
 * <p>The ledger comes before the circuit, since a circuit must see only attempts that are sent. An
 * attempt that it admits and that is not sent would count as a success or a failure, or hold the
 * one probe for ever. The wait for a retry comes before the place, so that no place is held while
 * waiting. The bound, its assumptions and its proofs are in {@code src/docs/upstream-bound.md}.
 *
 * <p>Blocks, so it is called on virtual threads only; safe for use by many. Holds no thread and
 * nothing that needs closing.
 */
public final class PeerGuard {

  private final String peer;
  private final Parts parts;

  /** The parts that a call uses. */
  record Parts(
      GuardSettings settings,
      GuardRules rules,
      Semaphore places,
      Circuit circuit,
      SmallRyeGuards.Retries retries) {}

  PeerGuard(String peer, Parts parts) {
    this.peer = peer;
    this.parts = parts;
  }

  /**
   * A guard for that upstream, with a full budget and a closed circuit.
   *
   * @param rank the present rank of this replica, by which it takes its part of the limits
   * @throws IllegalArgumentException where a setting is out of its range; see {@link GuardLimits}
   */
  public static PeerGuard of(String peer, GuardSettings settings, Supplier<Rank> rank) {
    GuardLimits.require(settings);
    GuardShare share = new GuardShare(settings, rank);
    return of(
        peer,
        settings,
        share,
        longest -> ThreadLocalRandom.current().nextLong(longest),
        System::nanoTime,
        onChange -> SmallRyeGuards.breaker(settings.probeInterval(), onChange));
  }

  static PeerGuard of(
      String peer,
      GuardSettings settings,
      GuardShare share,
      LongUnaryOperator random,
      LongSupplier nanoTime,
      Function<Consumer<CircuitBreakerState>, Breaker> breaker) {
    AttemptLedger ledger = new AttemptLedger(settings, share, AttemptLedger.MAX_KEYS, nanoTime);
    BackOff backOff = new BackOff(settings.backOffBase(), settings.backOffCap(), random);
    Circuit circuit = new Circuit(share, nanoTime, breaker);
    return new PeerGuard(
        peer,
        new Parts(
            settings,
            new GuardRules(settings, ledger, circuit, backOff),
            new Semaphore(settings.concurrency(), true),
            circuit,
            SmallRyeGuards.retries(settings.maxAttempts())));
  }

  /**
   * Calls the peer: makes attempts until one is done or no further one is allowed.
   *
   * @param key identifies the request; calls for the same thing give equal keys. The guard
   *     remembers it for a while after a failure, so it is small and holds no secret.
   * @param deadline until when the caller waits
   */
  public <T> Guarded<T> call(Object key, Deadline deadline, Attempt<T> attempt) {
    return new GuardedCall<>(parts, key, deadline, attempt).run();
  }

  /** The current state of the guard. */
  public PeerStatus status() {
    return parts.rules().status(peer);
  }
}
