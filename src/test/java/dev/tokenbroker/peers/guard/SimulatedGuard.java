package dev.tokenbroker.peers.guard;

import dev.tokenbroker.peers.guard.Guarded.Rejection;
import dev.tokenbroker.peers.store.Roster.Rank;
import dev.tokenbroker.process.runtime.Unchecked;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The guard of one replica in a {@link StormSimulation}. */
final class SimulatedGuard {

  private static final GuardValues SETTINGS = StormSimulation.SETTINGS;

  private final StormSimulation world;
  private final VirtualTime time;
  private final BoundOracle oracle;
  private final GuardState state;
  private final BackOff backOff;
  private final Deque<Turn> waiting = new ArrayDeque<>();
  private final Deque<Turn> unproven = new ArrayDeque<>();
  private int placesLeft = SETTINGS.concurrency();

  /** One call of a client, on its way through the guard. */
  private static final class Turn {
    private final int key;
    private int made;
    private GuardState.Permission permission;

    Turn(int key, GuardState.Permission permission) {
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
    this.state = new GuardState(SETTINGS, share, GuardState.MAX_KEYS, time::nanoTime);
    this.backOff =
        new BackOff(SETTINGS.backOffBase(), SETTINGS.backOffCap(), world.random()::nextLong);
  }

  PeerStatus status() {
    return state.status("simulated");
  }

  void call(int key) {
    switch (state.enter(key)) {
      case GuardState.Entry.Refused _ -> world.refused(key);
      case GuardState.Entry.Admitted(GuardState.Permission permission) -> {
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
    state.cancel(turn.permission);
    oracle.cancelled(turn.key);
    state.rejected(why);
    world.refused(turn.key);
  }

  private void attempt(Turn turn) {
    switch (pass(turn)) {
      case null -> send(turn);
      case BUSY -> waitIn(unproven, turn, this::release);
      case Rejection why -> {
        giveUp(turn, why);
        release();
      }
    }
  }

  private @Nullable Rejection pass(Turn turn) {
    return Unchecked.get(() -> state.pass(turn.permission, Duration.ZERO));
  }

  private void send(Turn turn) {
    if (!state.begin(turn.permission)) {
      throw new AssertionError("nothing happens between a pass and its attempt here");
    }
    turn.made++;
    oracle.began(turn.key, turn.permission.ground(), time.nanoTime());
    world.began(turn.permission.ground());
    long timeout = SETTINGS.attemptTimeout().toMillis();
    long millis = world.answerMillis();
    boolean fails = world.fails() || millis > timeout;
    time.after(StormSimulation.millis(Math.min(millis, timeout)), () -> ended(turn, fails));
  }

  private void ended(Turn turn, boolean failed) {
    if (failed) {
      state.failed(turn.permission, null);
      oracle.failed(turn.key, time.nanoTime());
    } else {
      state.succeeded(turn.permission);
      oracle.succeeded(turn.key);
      world.succeeded();
    }
    release();
    if (failed) {
      tryAgain(turn);
    } else {
      world.granted(turn.key);
    }
    List<Turn> again = List.copyOf(unproven);
    unproven.clear();
    again.forEach(this::attempt);
  }

  private void tryAgain(Turn turn) {
    GuardState.Permission next =
        turn.made < SETTINGS.maxAttempts() ? state.enterAgain(turn.key) : null;
    if (next == null) {
      world.refused(turn.key);
      return;
    }
    turn.permission = next;
    oracle.letIn(turn.key);
    time.after(backOff.beforeRetry(turn.made, null), () -> waitForPlace(turn));
  }
}
