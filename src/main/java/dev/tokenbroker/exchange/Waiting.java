package dev.tokenbroker.exchange;

import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.outcome.Step;
import dev.tokenbroker.outcome.Trail;
import dev.tokenbroker.token.Flight;
import dev.tokenbroker.token.IssuedToken;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One caller who waits for an answer, until its deadline. It is given exactly one; leaving ends
 * nothing for those who wait for the same.
 */
final class Waiting {

  private final Deadline deadline;
  private final Home home;
  private final Consumer<Exchanged> answer;
  private volatile @Nullable Future<?> alarm;

  /**
   * @param home where the caller is answered
   * @param answer is given the ending once it is recorded; must not block
   */
  Waiting(Deadline deadline, Home home, Consumer<Exchanged> answer) {
    this.deadline = deadline;
    this.home = home;
    this.answer = answer;
  }

  /** When the caller stops waiting. */
  Deadline deadline() {
    return deadline;
  }

  /** Whether the caller waits no longer. May be asked on any thread. */
  boolean hasLeft() {
    return deadline.hasPassed() || hasGone();
  }

  /** Whether the caller has gone away before its deadline. May be asked on any thread. */
  boolean hasGone() {
    return home.gone().getAsBoolean();
  }

  /** Where the caller is answered. */
  Home home() {
    return home;
  }

  /** Collects what ends on the caller's own thread. */
  Turn turn() {
    return home.turn();
  }

  /** What to do with the answer of one who need not wait, which is asked on its own thread. */
  Consumer<Exchanged> answer() {
    return answer;
  }

  /** Does what concerns this caller alone where it is at home. */
  void atHome(Runnable task) {
    home.executor().execute(task);
  }

  /**
   * Answers when the flight has landed, or the deadline has passed. Asked on the caller's own
   * thread, once.
   *
   * @param whenLeft is done when it waits no longer
   */
  void waitFor(
      Flight<SharedJudgement, Judged<IssuedToken>> flight,
      Evaluation run,
      Evaluations evaluations,
      Runnable whenLeft) {
    if (!flight.isLeader()) {
      run.joined();
      flight.work().awaited(this);
    }
    Supplier<Judged<IssuedToken>> share = () -> flight.work().share(flight.result(), this);
    if (flight.isDone()) {
      whenLeft.run();
      evaluations.close(run, share, this);
      return;
    }
    Runnable landed =
        () ->
            atHome(
                () -> {
                  silence();
                  whenLeft.run();
                  evaluations.close(run, share, this);
                });
    flight.whenDone(landed);
    alarm =
        home.alarms()
            .schedule(
                () -> {
                  if (flight.leave(landed)) {
                    flight.work().left(this);
                    whenLeft.run();
                    atHome(
                        () -> evaluations.close(run, () -> tooLate(flight.work().soFar()), this));
                  }
                },
                deadline.remaining().toNanos(),
                TimeUnit.NANOSECONDS);
    if (flight.isDone()) {
      silence(); // it may have landed before there was an alarm
    }
  }

  // At home: from elsewhere that would take another task.
  private void silence() {
    Future<?> set = alarm;
    if (set != null) {
      set.cancel(false);
    }
  }

  private static Judged<IssuedToken> tooLate(Trail trail) {
    Step step = trail.underWay();
    return Judged.refused(
        trail,
        step,
        Refusal.of(RefusalReason.DEADLINE_EXCEEDED)
            .expected("an answer before the caller's deadline")
            .seen("step " + step.label() + " still under way"));
  }
}
