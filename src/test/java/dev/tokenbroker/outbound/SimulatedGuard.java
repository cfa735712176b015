package dev.tokenbroker.outbound;

import dev.tokenbroker.outbound.Circuit.CircuitEntry;
import dev.tokenbroker.store.Rank;
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
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.eclipse.microprofile.faulttolerance.exceptions.CircuitBreakerOpenException;
import org.jspecify.annotations.Nullable;

/** The guard of one replica in a {@link StormSimulation}. */
final class SimulatedGuard implements Breaker {

  private static final GuardValues SETTINGS = StormSimulation.SETTINGS;
  private static final Duration DEADLINE = Duration.ofSeconds(10);

  private final StormSimulation world;
  private final VirtualTime time;
  private final BoundOracle oracle;
  private final AttemptLedger ledger;
  private final Circuit circuit;
  private final GuardRules rules;
  private final CircuitBreaker<Void> breaker;
  private final Deque<Turn> waiting = new ArrayDeque<>();
  private final Deque<Turn> unproven = new ArrayDeque<>();
  private int placesLeft = SETTINGS.concurrency();
  private CircuitBreakerState reported = CircuitBreakerState.CLOSED;
  private Consumer<CircuitBreakerState> onChange = _ -> {};

  /** One call of a client, on its way through the guard. */
  private static final class Turn {
    private final int key;
    private int made;
    private boolean failed;
    private Permission permission;

    Turn(int key, Permission permission) {
      this.key = key;
      this.permission = permission;
    }
  }

  SimulatedGuard(StormSimulation world, int replica) {
    this.world = world;
    this.time = world.time();
    int replicas = world.storm().replicas();
    GuardShare share = new GuardShare(SETTINGS, () -> new Rank(replica, replicas));
    this.oracle = new BoundOracle(SETTINGS, replicas);
    this.ledger = new AttemptLedger(SETTINGS, share, AttemptLedger.MAX_KEYS, time::nanoTime);
    this.breaker =
        new CircuitBreaker<>(
            Invocation.invocation(),
            "simulated",
            ExceptionDecision.ALWAYS_FAILURE,
            SETTINGS.probeInterval().toMillis(),
            1,
            1,
            1,
            time,
            time);
    this.circuit =
        new Circuit(
            share,
            time::nanoTime,
            listener -> {
              onChange = listener;
              return this;
            });
    BackOff backOff =
        new BackOff(SETTINGS.backOffBase(), SETTINGS.backOffCap(), world.random()::nextLong);
    this.rules = new GuardRules(SETTINGS, ledger, circuit, backOff);
  }

  PeerStatus status() {
    return rules.status("simulated");
  }

  void call(int key) {
    report();
    switch (rules.enter(key)) {
      case GuardRules.GuardEntry.Closed closed -> world.refused(key);
      case GuardRules.GuardEntry.Open(Permission permission) -> {
        oracle.letIn(key);
        waitForPlace(new Turn(key, permission));
      }
    }
  }

  private void waitForPlace(Turn turn) {
    if (placesLeft > 0) {
      placesLeft--;
      attempt(turn);
      return;
    }
    waitIn(waiting, turn, () -> {});
  }

  /** Waits there for as long as a call waits. */
  private void waitIn(Deque<Turn> line, Turn turn, Runnable otherwise) {
    line.add(turn);
    time.after(
        SETTINGS.maxWait(),
        () -> {
          if (line.remove(turn)) {
            giveUp(turn, Rejection.BUSY);
            otherwise.run();
          }
        });
  }

  private void release() {
    Turn next = waiting.poll();
    if (next == null) {
      placesLeft++;
    } else {
      attempt(next);
    }
  }

  private void giveUp(Turn turn, Rejection why) {
    ledger.cancel(turn.permission);
    oracle.cancelled(turn.key);
    rules.reject(why);
    world.refused(turn.key);
  }

  private void attempt(Turn turn) {
    if (!world.storm().withCircuit()) {
      send(turn, null).then((answer, failure) -> ended(turn));
      return;
    }
    switch (enter()) {
      case CircuitEntry.Passed pass -> {
        FaultToleranceContext<Void> context =
            new FaultToleranceContext<>(() -> send(turn, pass), true);
        Future<Void> end = breaker.apply(context);
        report();
        end.then((answer, failure) -> through(turn, pass, failure));
      }
      case CircuitEntry.Stopped(Rejection why) when why == Rejection.BUSY ->
          waitIn(unproven, turn, this::release);
      case CircuitEntry.Stopped(Rejection why) -> {
        giveUp(turn, why);
        release();
      }
    }
  }

  private CircuitEntry enter() {
    try {
      return circuit.enter(Duration.ZERO);
    } catch (InterruptedException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private void through(Turn turn, CircuitEntry.Passed pass, @Nullable Throwable failure) {
    // After the breaker has taken note, as in the product.
    report();
    if (failure instanceof CircuitBreakerOpenException) {
      circuit.leave(pass);
      giveUp(turn, Rejection.CIRCUIT_OPEN);
      release();
    } else {
      ended(turn);
    }
    List<Turn> again = List.copyOf(unproven);
    unproven.clear();
    again.forEach(this::attempt);
  }

  private void ended(Turn turn) {
    release();
    if (turn.failed) {
      tryAgain(turn);
    } else {
      world.granted(turn.key);
    }
  }

  private void tryAgain(Turn turn) {
    Attempted.AttemptFailed<String> failed = new Attempted.AttemptFailed<>("", true, null);
    GuardRules.RetryRules retry = rules.retry(turn.key, failed, turn.made, DEADLINE);
    if (retry == null) {
      world.refused(turn.key);
      return;
    }
    turn.permission = retry.permission();
    oracle.letIn(turn.key);
    time.after(retry.delay(), () -> waitForPlace(turn));
  }

  private Future<Void> send(Turn turn, CircuitEntry.@Nullable Passed pass) {
    if (pass != null) {
      circuit.begin(pass);
    }
    ledger.begin(turn.permission);
    turn.made++;
    oracle.began(turn.key, turn.permission.kind(), time.nanoTime());
    world.began(turn.permission.kind());
    Completer<Void> completer = Completer.create();
    long timeout = SETTINGS.attemptTimeout().toMillis();
    long millis = world.answerMillis();
    turn.failed = world.fails() || millis > timeout;
    time.after(
        StormSimulation.millis(Math.min(millis, timeout)),
        () -> {
          if (turn.failed) {
            ledger.failed(turn.permission, null);
            oracle.failed(turn.key, time.nanoTime());
          } else {
            ledger.succeeded(turn.permission);
            oracle.succeeded(turn.key);
            world.succeeded();
          }
          if (pass != null && circuit.ended(pass, !turn.failed)) {
            completer.completeWithError(new IllegalStateException("failed"));
          } else {
            completer.complete(null);
          }
        });
    return completer.future();
  }

  /** What the circuit runs by itself. */
  @Override
  public void run(Callable<Void> attempt) throws Exception {
    try {
      breaker.apply(new FaultToleranceContext<>(() -> Future.from(attempt), false)).awaitBlocking();
    } catch (Exception | Error thrown) {
      throw thrown;
    } catch (Throwable impossible) {
      throw new IllegalStateException(impossible);
    } finally {
      report();
    }
  }

  private void report() {
    CircuitBreakerState state =
        switch (breaker.currentState()) {
          case CircuitBreaker.STATE_CLOSED -> CircuitBreakerState.CLOSED;
          case CircuitBreaker.STATE_OPEN -> CircuitBreakerState.OPEN;
          default -> CircuitBreakerState.HALF_OPEN;
        };
    if (state != reported) {
      reported = state;
      onChange.accept(state);
    }
  }
}
