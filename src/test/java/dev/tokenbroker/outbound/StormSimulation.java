package dev.tokenbroker.outbound;

import io.smallrye.faulttolerance.api.CircuitBreakerState;
import io.smallrye.faulttolerance.core.Completer;
import io.smallrye.faulttolerance.core.FaultToleranceContext;
import io.smallrye.faulttolerance.core.Future;
import io.smallrye.faulttolerance.core.Invocation;
import io.smallrye.faulttolerance.core.circuit.breaker.CircuitBreaker;
import io.smallrye.faulttolerance.core.util.ExceptionDecision;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import org.eclipse.microprofile.faulttolerance.exceptions.CircuitBreakerOpenException;
import org.jspecify.annotations.Nullable;

/**
 * One guard in virtual time: the product's own rules, ledger, budget and back-off, SmallRye's own
 * circuit breaker, and in place of threads and semaphores the events of {@link VirtualTime}. For
 * one use.
 */
final class StormSimulation {

  private static final GuardValues SETTINGS = GuardValues.defaults();
  private static final int CLIENTS = 1000;
  private static final Duration DEADLINE = Duration.ofSeconds(10);
  private static final double BEGIN = 3;
  private static final double RETURN = 15;
  private static final double END = 22;

  /** What is wrong with the upstream from the third second to the fifteenth. */
  enum Outage {
    TOTAL,
    FLAPPING,
    SLOW,
    PARTIAL
  }

  /** What came of a run; the worst of several. */
  record Figures(
      long calls,
      long attemptsInOutage,
      double attemptsPerNeeded,
      double boundRatio,
      double outageBoundUsed,
      double backAfterSeconds,
      long peakAfter) {

    static final Figures NONE = new Figures(0, 0, 0, 0, 0, 0, 0);

    Figures worse(Figures other) {
      return new Figures(
          Math.max(calls, other.calls),
          Math.max(attemptsInOutage, other.attemptsInOutage),
          Math.max(attemptsPerNeeded, other.attemptsPerNeeded),
          Math.max(boundRatio, other.boundRatio),
          Math.max(outageBoundUsed, other.outageBoundUsed),
          Math.max(backAfterSeconds, other.backAfterSeconds),
          Math.max(peakAfter, other.peakAfter));
    }
  }

  private final Outage outage;
  private final boolean withCircuit;
  private final Random random;
  private final int keys;
  private final VirtualTime time = new VirtualTime();
  private final BoundOracle oracle = new BoundOracle(SETTINGS);
  private final CircuitWatch watch = new CircuitWatch(SETTINGS.probeInterval(), time::nanoTime);
  private final AttemptLedger ledger =
      new AttemptLedger(SETTINGS, AttemptLedger.MAX_KEYS, time::nanoTime);
  private final GuardRules rules;
  private final CircuitBreaker<Void> circuit =
      new CircuitBreaker<>(
          Invocation.invocation(),
          "simulated",
          ExceptionDecision.ALWAYS_FAILURE,
          SETTINGS.probeInterval().toMillis(),
          SETTINGS.circuitFailures(),
          1,
          1,
          time,
          time);
  private final Deque<Turn> waiting = new ArrayDeque<>();
  private int placesLeft = SETTINGS.concurrency();

  private long calls;
  private long attempts;
  private long attemptsInOutage;
  private double backAfter = Double.NaN;
  private final long[] perSecond = new long[(int) END + 1];

  /** The least of attempts so far less elapsed probe intervals, since the last success. */
  private double leastSinceSuccess = Double.POSITIVE_INFINITY;

  private double outageBoundUsed;

  StormSimulation(long seed, Outage outage, boolean withCircuit) {
    this.outage = outage;
    this.withCircuit = withCircuit;
    this.random = new Random(seed);
    // Each its own key, or many a few: then clients repeat each other's.
    this.keys = seed % 2 == 0 ? CLIENTS : 50;
    this.rules =
        new GuardRules(
            SETTINGS,
            ledger,
            watch,
            new BackOff(SETTINGS.backOffBase(), SETTINGS.backOffCap(), random::nextLong));
  }

  Figures run() {
    for (int client = 0; client < CLIENTS; client++) {
      int key = client % keys;
      time.after(millis(random.nextInt(2_000)), () -> call(key));
    }
    time.runUntil(millis((long) (END * 1000)));
    PeerStatus status = rules.status("simulated", SETTINGS.concurrency() - placesLeft);
    long peak = 0;
    for (int second = (int) RETURN; second < perSecond.length; second++) {
      peak = Math.max(peak, perSecond[second]);
    }
    return new Figures(
        calls,
        attemptsInOutage,
        status.attemptsPerNeeded(),
        status.boundRatio(),
        outageBoundUsed,
        backAfter,
        peak);
  }

  /** One call of a client, on its way through the guard. */
  private final class Turn {
    final int key;
    int made;
    Permission permission;
    boolean placed;

    Turn(int key, Permission permission) {
      this.key = key;
      this.permission = permission;
      oracle.letIn(key);
    }
  }

  private void call(int key) {
    calls++;
    switch (rules.enter(key)) {
      case GuardRules.GuardEntry.Closed closed -> comeBack(key);
      case GuardRules.GuardEntry.Open(Permission permission) ->
          waitForPlace(new Turn(key, permission));
    }
  }

  /** At once, that is after a turn of the network, whatever they were told. */
  private void comeBack(int key) {
    time.after(millis(20L + random.nextInt(80)), () -> call(key));
  }

  private void waitForPlace(Turn turn) {
    if (placesLeft > 0) {
      placesLeft--;
      turn.placed = true;
      attempt(turn);
      return;
    }
    turn.placed = false;
    waiting.add(turn);
    time.after(
        SETTINGS.maxWait(),
        () -> {
          if (!turn.placed && waiting.remove(turn)) {
            giveUp(turn, Rejection.BUSY);
          }
        });
  }

  private void release() {
    Turn next = waiting.poll();
    if (next == null) {
      placesLeft++;
    } else {
      next.placed = true;
      attempt(next);
    }
  }

  private void giveUp(Turn turn, Rejection why) {
    ledger.cancel(turn.permission);
    oracle.cancelled(turn.key);
    rules.reject(why);
    comeBack(turn.key);
  }

  private void attempt(Turn turn) {
    FaultToleranceContext<Void> context = new FaultToleranceContext<>(() -> send(turn), true);
    Future<Void> end = withCircuit ? circuit.apply(context) : context.call();
    report();
    end.then((answer, failure) -> ended(turn, failure));
  }

  private void ended(Turn turn, @Nullable Throwable failure) {
    // After the circuit has taken note, as in the product.
    report();
    switch (failure) {
      case null -> {
        release();
        time.after(millis(1_000L + random.nextInt(4_000)), () -> call(turn.key));
      }
      case CircuitBreakerOpenException open -> {
        giveUp(turn, Rejection.CIRCUIT_OPEN);
        release();
      }
      default -> {
        release();
        tryAgain(turn);
      }
    }
  }

  private void tryAgain(Turn turn) {
    Attempted.AttemptFailed<String> failed = new Attempted.AttemptFailed<>("", true, null);
    GuardRules.RetryRules retry = rules.retry(turn.key, failed, turn.made, DEADLINE);
    if (retry == null) {
      comeBack(turn.key);
      return;
    }
    turn.permission = retry.permission();
    oracle.letIn(turn.key);
    time.after(retry.delay(), () -> waitForPlace(turn));
  }

  private Future<Void> send(Turn turn) {
    ledger.begin(turn.permission);
    turn.made++;
    oracle.began(turn.key, turn.permission.kind(), time.nanoTime());
    count();
    Completer<Void> completer = Completer.create();
    long millis = answerMillis();
    boolean fails = fails() || millis > SETTINGS.attemptTimeout().toMillis();
    time.after(
        millis(Math.min(millis, SETTINGS.attemptTimeout().toMillis())),
        () -> {
          if (fails) {
            ledger.failed(turn.permission, null);
            oracle.failed(turn.key, time.nanoTime());
            completer.completeWithError(new IllegalStateException("failed"));
          } else {
            ledger.succeeded(turn.permission);
            oracle.succeeded(turn.key);
            leastSinceSuccess = Double.POSITIVE_INFINITY;
            if (seconds() >= RETURN && Double.isNaN(backAfter)) {
              backAfter = seconds() - RETURN;
            }
            completer.complete(null);
          }
        });
    return completer.future();
  }

  private void count() {
    double intervals = (double) time.nanoTime() / SETTINGS.probeInterval().toNanos();
    leastSinceSuccess = Math.min(leastSinceSuccess, attempts - intervals);
    attempts++;
    perSecond[(int) seconds()]++;
    attemptsInOutage += isOutage() ? 1 : 0;
    if (withCircuit) {
      // Attempts in the worst window that ends now and has no success, less its time term.
      double used = attempts - intervals - leastSinceSuccess;
      double allowed = SETTINGS.circuitFailures() + SETTINGS.concurrency();
      outageBoundUsed = Math.max(outageBoundUsed, used / allowed);
      if (used > allowed + 1e-9) {
        throw new AssertionError("more attempts without a success than the outage bound");
      }
    }
  }

  private boolean isOutage() {
    return seconds() >= BEGIN && seconds() < RETURN;
  }

  private long answerMillis() {
    if (isOutage() && outage == Outage.SLOW) {
      return 3_000L + random.nextInt(5_000);
    }
    return isOutage() && outage == Outage.TOTAL ? 1L + random.nextInt(4) : 5L + random.nextInt(25);
  }

  private boolean fails() {
    return isOutage()
        && switch (outage) {
          case TOTAL -> true;
          case FLAPPING -> (seconds() - BEGIN) % 1.5 < 1;
          case SLOW -> false;
          case PARTIAL -> random.nextInt(100) < 60;
        };
  }

  private void report() {
    CircuitBreakerState state =
        switch (circuit.currentState()) {
          case CircuitBreaker.STATE_CLOSED -> CircuitBreakerState.CLOSED;
          case CircuitBreaker.STATE_OPEN -> CircuitBreakerState.OPEN;
          default -> CircuitBreakerState.HALF_OPEN;
        };
    if (state != watch.state()) {
      watch.changed(state);
    }
  }

  private double seconds() {
    return time.nanoTime() / 1e9;
  }

  private static Duration millis(long millis) {
    return Duration.ofMillis(millis);
  }
}
