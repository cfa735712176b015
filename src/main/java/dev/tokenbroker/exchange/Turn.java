package dev.tokenbroker.exchange;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * What one thread does with all that it has at hand. The evaluations that end in it are recorded
 * together, and then answered: so an event loop that takes ten calls from its sockets writes to the
 * audit log once, and no answer leaves before its record is written. And it says how much of a turn
 * may go into evaluating, so that the other calls and connections of the thread are not held up;
 * and keeps what is to be evaluated in turns to come.
 *
 * <p>Confined to one thread. At most {@value #MOST} wait for the end of the turn. How many wait for
 * turns to come is bounded by whoever lets them in.
 */
public final class Turn {

  static final int MOST = 64;

  /** An evaluation with fast signatures takes a sixth of that; see decision 24. */
  private static final Duration TIME = Duration.ofNanos(500_000);

  /** Then each turn costs a look at all sockets, which more evaluations have to pay for. */
  private static final int TIMES_WHILE_CROWDED = 2;

  private static final int PIECES_AVERAGED = 8;
  private static final int ASKED_AGAIN_AFTER = 64;

  private final Executor atEnd;
  private final Executor afterwards;
  private final Crowd crowd;
  private final long timeNanos;
  private final LongSupplier nanoTime;
  private final Queue<Runnable> forLater = new ArrayDeque<>();
  private List<Ending> ended = new ArrayList<>();
  private boolean crowded;
  private long spentNanos;
  private long usualNanos;

  /**
   * @param atEnd runs a task on the same thread once it has done what it has at hand
   * @param afterwards runs a task on the same thread once that is over and it has looked for more
   * @param crowd the threads that take turns beside this one
   */
  public Turn(Executor atEnd, Executor afterwards, Crowd crowd) {
    this(atEnd, afterwards, crowd, TIME, System::nanoTime);
  }

  /**
   * @param time what a turn may spend on evaluations; zero for none
   * @param nanoTime as {@link System#nanoTime()}
   */
  Turn(Executor atEnd, Executor afterwards, Crowd crowd, Duration time, LongSupplier nanoTime) {
    this.atEnd = atEnd;
    this.afterwards = afterwards;
    this.crowd = crowd;
    this.timeNanos = time.toNanos();
    this.nanoTime = nanoTime;
  }

  /** A turn that is over with each ending, on a thread of which nothing is known. */
  static Turn single() {
    return new Turn(Runnable::run, Runnable::run, Crowd.none(), Duration.ZERO, System::nanoTime);
  }

  /**
   * Whether another piece of work fits into the time of this turn, going by what pieces took up to
   * now. Where none ever would, it is tried now and then.
   */
  boolean hasTime() {
    if (spentNanos + usualNanos < timeNanos) {
      return true;
    }
    if (spentNanos == 0) {
      usualNanos -= usualNanos / ASKED_AGAIN_AFTER;
    }
    return false;
  }

  /**
   * Does a piece of work in the time of this turn.
   *
   * @return what the work says
   */
  boolean spend(BooleanSupplier work) {
    long began = nanoTime.getAsLong();
    try {
      return work.getAsBoolean();
    } finally {
      long took = nanoTime.getAsLong() - began;
      usualNanos += (took - usualNanos) / PIECES_AVERAGED;
      if (spentNanos == 0) {
        atEnd.execute(() -> spentNanos = 0);
      }
      spentNanos += took;
    }
  }

  /**
   * Counts this thread among those that have more to do than they have time for, until it has time
   * again.
   *
   * @return whether all processors have such a thread: then a piece of work that this turn has no
   *     time for had better wait for the next ones, since a thread of its own would only take the
   *     processor of this one
   */
  boolean joinCrowd() {
    haveMoreThanTime();
    return crowd.isEverywhere();
  }

  /** Does a piece of work in one of the next turns, after those that wait already. */
  void later(Runnable work) {
    haveMoreThanTime();
    forLater.add(work);
  }

  private void haveMoreThanTime() {
    if (!crowded) {
      crowded = true;
      crowd.come();
      afterwards.execute(this::workOff);
    }
  }

  /** One piece at least: some never fit into the time. */
  private void workOff() {
    if (forLater.isEmpty()) {
      crowded = false;
      crowd.leave();
      return;
    }
    try {
      do {
        Runnable work = forLater.remove();
        boolean _ =
            spend(
                () -> {
                  work.run();
                  return true;
                });
      } while (!forLater.isEmpty() && spentNanos + usualNanos <= TIMES_WHILE_CROWDED * timeNanos);
    } finally {
      afterwards.execute(this::workOff);
    }
  }

  /**
   * Adds one that has ended.
   *
   * @param close records and answers all that it is given
   */
  void add(Ending ending, Consumer<List<Ending>> close) {
    ended.add(ending);
    if (ended.size() == 1) {
      atEnd.execute(() -> end(close));
    } else if (ended.size() == MOST) {
      end(close);
    }
  }

  private void end(Consumer<List<Ending>> close) {
    if (!ended.isEmpty()) { // else the turn was full before it was over
      List<Ending> all = ended;
      ended = new ArrayList<>();
      close.accept(all);
    }
  }
}
