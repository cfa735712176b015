package dev.tokenbroker.exchange;

import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/** Where callers of tests are at home. */
final class TestHome {

  private static final ScheduledExecutorService ALARMS =
      new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().daemon().name("alarms").factory());

  private TestHome() {}

  /** A home for one caller, on whichever thread finds the answer. */
  static Home anywhere() {
    return of(Turn.single());
  }

  /** A home on the thread of that turn, which is the one that asks. */
  static Home of(Turn turn) {
    return new Home(Runnable::run, turn, ALARMS, Presence.ALWAYS);
  }

  /** A home for one caller whose going away is seen by those who ask for it only. */
  static Home leftWhere(BooleanSupplier gone) {
    return of(goneWhere(gone));
  }

  /** A home for one caller who is seen to have gone away when it is about to be answered. */
  static Home leftAtTheAnswer(AtomicBoolean gone) {
    Executor leaving =
        task -> {
          gone.set(true);
          task.run();
        };
    return new Home(leaving, Turn.single(), ALARMS, goneWhere(gone::get));
  }

  private static Presence goneWhere(BooleanSupplier gone) {
    return new Presence() {
      @Override
      public boolean hasGone() {
        return gone.getAsBoolean();
      }

      @Override
      public void whenOver(Runnable action) {}
    };
  }

  /** A home for one caller who may go away, on whichever thread finds the answer. */
  static Home of(Presence presence) {
    return new Home(Runnable::run, Turn.single(), ALARMS, presence);
  }
}
