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
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One caller who waits for an answer, until its deadline. It is given exactly one; leaving ends
 * nothing for those who wait for the same.
 */
final class Waiting {

  private final Deadline deadline;
  private final Home home;
  private final Consumer<Exchanged> answer;

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
    return home.presence().hasGone();
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
   * Answers when the flight has landed, or the deadline has passed; or ends the evaluation when the
   * caller has gone away. Asked on the caller's own thread, once.
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
    }
    Wait wait = new Wait(flight, run, evaluations, whenLeft);
    if (flight.isDone()) {
      wait.end();
    } else {
      wait.begin();
    }
  }

  /** The wait for one flight, which is run where it lands. It ends once: by that, or by leaving. */
  private final class Wait implements Runnable {

    private final Flight<SharedJudgement, Judged<IssuedToken>> flight;
    private final Evaluation evaluation;
    private final Evaluations evaluations;
    private final Runnable whenLeft;
    private volatile @Nullable Future<?> alarm;

    Wait(
        Flight<SharedJudgement, Judged<IssuedToken>> flight,
        Evaluation evaluation,
        Evaluations evaluations,
        Runnable whenLeft) {
      this.flight = flight;
      this.evaluation = evaluation;
      this.evaluations = evaluations;
      this.whenLeft = whenLeft;
    }

    /** It has landed. */
    @Override
    public void run() {
      atHome(this::end);
    }

    void begin() {
      flight.whenDone(this);
      long nanos = deadline.remaining().toNanos();
      alarm =
          home.alarms().schedule(() -> leave(Waiting.this::tooLate), nanos, TimeUnit.NANOSECONDS);
      home.presence().whenOver(() -> leave(Waiting::goneAway));
      if (flight.isDone()) {
        silence(); // it may have landed before there was an alarm
      }
    }

    void end() {
      silence();
      whenLeft.run();
      evaluations.close(
          evaluation, () -> flight.work().share(flight.result(), Waiting.this), Waiting.this);
    }

    private void leave(Function<Trail, Judged<IssuedToken>> ending) {
      if (flight.leave(this)) {
        flight.work().left(Waiting.this);
        whenLeft.run();
        atHome(
            () -> {
              silence();
              evaluations.close(
                  evaluation, () -> ending.apply(flight.work().soFar()), Waiting.this);
            });
      }
    }

    // At home: from elsewhere that would take another task.
    private void silence() {
      Future<?> set = alarm;
      if (set != null) {
        set.cancel(false);
      }
    }
  }

  /**
   * What it is told of what was given up because nobody was left who waited: the same as where it
   * leaves before that is seen.
   */
  Judged<IssuedToken> gaveUp(Judged<IssuedToken> judged) {
    return hasGone() || isHurried() ? judged : tooLate(judged.trail().soFar());
  }

  /** Whether it is its own deadline that passes, and not the time that all have. */
  private boolean isHurried() {
    return deadline.passed(RefusalReason.BROKER_OVERLOADED) == RefusalReason.DEADLINE_EXCEEDED;
  }

  private Judged<IssuedToken> tooLate(Trail trail) {
    Step step = trail.underWay();
    return left(
        trail,
        deadline.passed(tooLong(step)),
        "an answer before the deadline",
        "step " + step.label() + " still under way");
  }

  private static Judged<IssuedToken> goneAway(Trail trail) {
    return left(
        trail,
        RefusalReason.DEADLINE_EXCEEDED,
        "somebody who still waits for the answer",
        "a caller who went away with step " + trail.underWay().label() + " under way");
  }

  private static Judged<IssuedToken> left(
      Trail trail, RefusalReason reason, String expected, String seen) {
    return Judged.refused(
        trail, trail.underWay(), Refusal.of(reason).expected(expected).seen(seen));
  }

  /** Who kept a caller waiting that set no deadline: those who are asked, or else this broker. */
  private static RefusalReason tooLong(Step step) {
    return switch (step) {
      case KEY -> RefusalReason.KEYS_UNREACHABLE;
      case UPSTREAM -> RefusalReason.UPSTREAM_TIMED_OUT;
      case REQUEST,
          PROOF,
          CACHE,
          ADMISSION,
          FORMAT,
          ISSUER,
          ALGORITHM,
          SIGNATURE,
          TIME,
          AUDIENCE,
          TARGET,
          RULE,
          SCOPES,
          BINDING,
          ONCE,
          MINT ->
          RefusalReason.BROKER_OVERLOADED;
    };
  }
}
