package dev.tokenbroker.outbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.tokenbroker.runtime.TestClock;
import dev.tokenbroker.store.Rank;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The bound under every order in which callers can begin and end their attempts: the methods of the
 * ledger are atomic, so that their orders are all the interleavings there are. What the callers do
 * and how their attempts end is chosen, too.
 */
class AttemptLedgerInterleavingTest {

  private static final GuardValues SETTINGS =
      GuardValues.defaults()
          .withCoolDown(Duration.ofSeconds(5))
          .withCircuit(5, Duration.ofSeconds(2));

  /** What may happen in a run. */
  record Play(
      int callers,
      int callsEach,
      int keys,
      int ticks,
      boolean cancels,
      boolean retriesWithin,
      boolean circuitMoves,
      int maxKeys,
      GuardValues settings,
      int replicas,
      boolean replicasMove) {

    Play(
        int callers,
        int callsEach,
        int keys,
        int ticks,
        boolean cancels,
        boolean retriesWithin,
        boolean circuitMoves,
        int maxKeys,
        GuardValues settings) {
      this(
          callers,
          callsEach,
          keys,
          ticks,
          cancels,
          retriesWithin,
          circuitMoves,
          maxKeys,
          settings,
          1,
          false);
    }

    /** The same callers, spread over so many replicas. */
    Play with(int many, boolean move) {
      return new Play(
          callers,
          callsEach,
          keys,
          ticks,
          cancels,
          retriesWithin,
          circuitMoves,
          maxKeys,
          settings,
          many,
          move);
    }
  }

  static List<Arguments> plays() {
    GuardValues none = SETTINGS.withBudget(0, 0.5);
    GuardValues one = SETTINGS.withBudget(1, 0.5);
    GuardValues two = SETTINGS.withBudget(2, 0.5);
    return List.of(
        argumentSet("three callers", 10_000, new Play(3, 1, 2, 0, true, false, false, 100, one)),
        argumentSet(
            "two callers who come back while time passes",
            10_000,
            new Play(2, 2, 1, 1, false, false, false, 100, one)),
        argumentSet(
            "two calls that try again", 1_000, new Play(2, 1, 2, 1, false, true, false, 100, two)),
        argumentSet(
            "two callers while the circuit is not closed",
            10_000,
            new Play(2, 2, 1, 1, false, false, true, 100, none)),
        argumentSet(
            "two callers with room for one key",
            1_000,
            new Play(2, 2, 2, 0, false, false, false, 1, one)),
        argumentSet(
            "three callers at two replicas",
            10_000,
            new Play(3, 1, 2, 0, true, false, false, 100, two).with(2, false)),
        argumentSet(
            "two replicas while the circuit is not closed",
            10_000,
            new Play(2, 2, 1, 1, false, false, true, 100, one).with(2, false)));
  }

  @ParameterizedTest
  @MethodSource("plays")
  void holds_for_every_order(int more, Play play) {
    assertThat(Choices.exhaust(choices -> new Run(play, choices).play())).isGreaterThan(more);
  }

  @Test
  @Tag("storm")
  void holds_for_every_order_of_retries_while_a_replica_comes_and_goes() {
    Play play = new Play(2, 2, 1, 1, false, false, false, 100, SETTINGS.withBudget(2, 0.5));

    holds_for_every_order(10_000, play.with(2, true));
  }

  @ParameterizedTest
  @MethodSource("dev.tokenbroker.Draws#seeds")
  void holds_for_many_callers_in_random_order(long seed) {
    holdsInRandomOrder(seed, 20, 1, false);
  }

  @ParameterizedTest
  @MethodSource("dev.tokenbroker.Draws#seeds")
  void holds_for_many_callers_of_replicas_in_random_order(long seed) {
    holdsInRandomOrder(seed, 3, 3, false);
    holdsInRandomOrder(seed, 3, 12, false);
    holdsInRandomOrder(seed, 3, 5, true);
  }

  private static void holdsInRandomOrder(long seed, int runs, int replicas, boolean move) {
    for (long run = 0; run < runs; run++) {
      Choices choices = Choices.seeded(seed * 1000 + run);
      int maxKeys = run % 2 == 0 ? 100 : 3;
      double ratio = choices.next(11) / 10.0;
      Play play =
          new Play(
              2 + choices.next(40),
              1 + choices.next(50),
              1 + choices.next(20),
              400,
              true,
              true,
              choices.next(2) == 0,
              maxKeys,
              SETTINGS.withBudget(choices.next(8), ratio),
              replicas,
              move);
      try {
        new Run(play, choices).play();
      } catch (AssertionError broken) {
        throw new AssertionError("seed " + (seed * 1000 + run) + ", " + play, broken);
      }
    }
  }

  /** One run: callers take turns, as chosen. */
  private static final class Run {
    private final Play play;
    private final Choices choices;
    private final TestClock clock = new TestClock();
    private final List<Replica> replicas = new ArrayList<>();
    private final List<Caller> callers = new ArrayList<>();
    private final RetryDebt debt;
    private int counted;
    private int ticks;
    private boolean closed = true;

    /** One replica: its ledger, and what watches it alone. */
    private final class Replica {
      private final AttemptLedger ledger;
      private final BoundOracle oracle;

      Replica(int at) {
        // What each counts is the same, since all hear the same log.
        GuardShare share =
            new GuardShare(play.settings(), () -> new Rank(Math.min(at, counted - 1), counted));
        ledger = new AttemptLedger(play.settings(), share, play.maxKeys(), clock::nanoTime);
        // While replicas come and go, each alone is held to the burst of one.
        oracle = new BoundOracle(play.settings(), play.replicasMove() ? 1 : play.replicas());
      }

      /** The retries that it may begin without a success. */
      int burst() {
        int reserved =
            (int)
                callers.stream().filter(caller -> caller.at == this && caller.holdsToken()).count();
        int burst = play.settings().retryBurst();
        return Math.max(reserved, burst == 0 ? 0 : Math.max(1, burst / counted));
      }
    }

    Run(Play play, Choices choices) {
      this.play = play;
      this.choices = choices;
      this.ticks = play.ticks();
      this.counted = play.replicas();
      for (int replica = 0; replica < play.replicas(); replica++) {
        replicas.add(new Replica(replica));
      }
      for (int caller = 0; caller < play.callers(); caller++) {
        callers.add(new Caller(replicas.get(caller % play.replicas())));
      }
      this.debt = RetryDebt.ofAll(play.settings(), play.replicas());
      if (play.circuitMoves()) {
        closed = false;
      }
    }

    void play() {
      List<Caller> active = new ArrayList<>(callers);
      while (!active.isEmpty()) {
        int turn = choices.next(active.size() + (ticks > 0 ? 1 : 0));
        if (turn == active.size()) {
          tick();
        } else if (!active.get(turn).step()) {
          active.remove(turn);
        }
        if (play.replicasMove()) {
          debt.burst(replicas.stream().mapToInt(Replica::burst).sum());
        }
      }
      for (Replica replica : replicas) {
        AttemptLedger.Figures figures = replica.ledger.figures();
        long attempts = replica.oracle.attempts();
        assertThat(figures.needed() + figures.retries()).isEqualTo(attempts);
        assertThat(figures.successes() + figures.failures()).isEqualTo(attempts);
        double paid = figures.granted() + play.settings().retryRatio() * figures.successes();
        assertThat((double) figures.retries()).isLessThanOrEqualTo(paid + 1e-9);
      }
    }

    private void tick() {
      ticks--;
      // Just short of what matters, and at it.
      long[] millis = {4_999, 5_000, 1, 1_999, 2_000};
      clock.advance(Duration.ofMillis(millis[choices.next(play.callers() > 3 ? 5 : 2)]));
      if (play.circuitMoves() && play.callers() > 3) {
        closed = choices.next(2) == 0;
      }
      if (play.replicasMove()) {
        counted = 1 + choices.next(play.replicas());
      }
    }

    /** Makes calls, one step a turn. */
    private final class Caller {
      private final Replica at;
      private int callsLeft = play.callsEach();
      private int key;
      private @Nullable Permission permission;
      private boolean begun;
      private boolean tryingAgain;

      Caller(Replica at) {
        this.at = at;
      }

      boolean holdsToken() {
        return permission != null && !begun && permission.kind() == Permission.PermissionKind.RETRY;
      }

      /** False once there is nothing more to be done. */
      boolean step() {
        Permission given = permission;
        if (given == null) {
          return tryingAgain ? again() : call();
        }
        if (!begun) {
          beginOrCancel(given);
        } else {
          end(given);
        }
        return permission != null || tryingAgain || callsLeft > 0;
      }

      private boolean call() {
        callsLeft--;
        key = choices.next(play.keys());
        boolean needed = at.oracle.isNeeded(key, clock.nanoTime());
        switch (at.ledger.admit(key, closed)) {
          case AttemptLedger.AttemptAdmission.AttemptAdmitted(Permission given) -> {
            boolean first = given.kind() == Permission.PermissionKind.FIRST;
            // Without room for every key, the bound alone is held to.
            require(first == needed || play.maxKeys() < play.keys(), given.kind());
            permission = given;
            at.oracle.letIn(key);
          }
          case AttemptLedger.AttemptAdmission.Held(Duration delay) ->
              require(delay.isZero(), "held, though the peer asked for no pause");
          case AttemptLedger.AttemptAdmission.AttemptRefused(Duration delay) ->
              require(delay.isPositive() && (!needed || play.maxKeys() < play.keys()), "refused");
        }
        return permission != null || callsLeft > 0;
      }

      private boolean again() {
        tryingAgain = false;
        permission = at.ledger.admitRetry(key);
        if (permission != null) {
          require(permission.kind() == Permission.PermissionKind.RETRY, permission.kind());
          at.oracle.letIn(key);
        }
        return permission != null || callsLeft > 0;
      }

      private void beginOrCancel(Permission given) {
        if (play.cancels() && choices.next(2) == 1) {
          at.ledger.cancel(given);
          at.oracle.cancelled(key);
          permission = null;
          return;
        }
        at.ledger.begin(given);
        at.oracle.began(key, given.kind(), clock.nanoTime());
        if (given.kind() == Permission.PermissionKind.RETRY) {
          debt.retry();
        }
        begun = true;
      }

      private void end(Permission given) {
        begun = false;
        permission = null;
        if (choices.next(2) == 0) {
          at.ledger.succeeded(given);
          at.oracle.succeeded(key);
          debt.success();
        } else {
          at.ledger.failed(given, null);
          at.oracle.failed(key, clock.nanoTime());
          tryingAgain = play.retriesWithin();
        }
      }

      private void require(boolean holds, Object what) {
        if (!holds) {
          throw new AssertionError("not by the definition: " + what + ", " + choices);
        }
      }
    }
  }
}
