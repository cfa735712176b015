package dev.tokenbroker.exchange;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * Those who wait for one judgement, and what became of it for them: it may be given up because all
 * have left, and what is for one of them only is taken by one.
 *
 * <p>Safe for use by any number of threads. The lock guards all that changes but who leaves, and no
 * caller is looked at while it is held.
 */
final class Callers {

  private enum State {
    /** Whoever comes may wait for it. */
    OPEN,
    /** One has taken what is for one only. */
    TAKEN,
    /** Nobody may wait for it any more: all who did have left, and what was done is undone. */
    GIVEN_UP
  }

  private final Queue<Waiting> waiting = new ConcurrentLinkedQueue<>();
  private volatile int come;
  private volatile State state = State.OPEN;
  private volatile @Nullable Runnable undo;

  /**
   * Takes one in.
   *
   * @return whether it may wait; not where the judgement was given up, and all that is undone then
   *     has been: so it may be judged anew at once
   */
  synchronized boolean join(Waiting caller) {
    if (state == State.GIVEN_UP) {
      return false;
    }
    boolean _ = waiting.add(caller);
    come = come + 1;
    return true;
  }

  /** Forgets one who waits no longer. */
  void leave(Waiting caller) {
    boolean _ = waiting.remove(caller);
  }

  /** What is to be undone where it is given up. */
  void whereGivenUp(Runnable toUndo) {
    undo = toUndo;
  }

  /**
   * Gives it up where all who came have left; not where nobody ever came.
   *
   * @return whether it is given up
   */
  boolean giveUp() {
    int seen = come;
    return state == State.GIVEN_UP
        || (seen > 0 && waiting.stream().allMatch(Waiting::hasLeft) && giveUp(seen));
  }

  /** Whoever has come since then has not been looked at, and may wait. */
  private synchronized boolean giveUp(int seen) {
    if (state == State.OPEN && come == seen) {
      end();
    }
    return state == State.GIVEN_UP;
  }

  /** Gives up what it has brought, if that can be undone and nobody is held who may take it. */
  void giveUpUntaken() {
    if (undo != null && waiting.isEmpty()) {
      endUntaken();
    }
  }

  private synchronized void endUntaken() {
    if (state == State.OPEN && waiting.isEmpty()) {
      end();
    }
  }

  private void end() {
    Runnable done = undo;
    if (done != null) {
      done.run(); // before anybody comes, who would find it done still
    }
    state = State.GIVEN_UP;
  }

  /**
   * Takes what is for one only.
   *
   * @return whether nobody has before
   */
  synchronized boolean take() {
    if (state != State.OPEN) {
      return false;
    }
    state = State.TAKEN;
    return true;
  }
}
