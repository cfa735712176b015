package dev.tokenbroker.exchange;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * The evaluations that end on one thread while it does what it has at hand: they are recorded
 * together, and then answered. So an event loop that takes ten calls from its sockets writes to the
 * audit log once, and no answer leaves before its record is written.
 *
 * <p>Confined to one thread. At most {@value #MOST} wait for the end of the turn.
 */
public final class Turn {

  static final int MOST = 64;

  private final Executor atEnd;
  private List<Ending> ended = new ArrayList<>();

  /**
   * @param atEnd runs a task on the same thread once it has done what it has at hand
   */
  public Turn(Executor atEnd) {
    this.atEnd = atEnd;
  }

  /** A turn that is over with each ending. */
  static Turn single() {
    return new Turn(Runnable::run);
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
