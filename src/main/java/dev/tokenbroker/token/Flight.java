package dev.tokenbroker.token;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * One caller's share in work that is done once for several; see {@link SingleFlight}. It can be
 * waited for and left, and nobody can cancel it. Safe for use by several threads.
 *
 * @param <W> the work
 * @param <R> what it brings
 */
public final class Flight<W extends Supplier<R>, R> {

  private final Run<W, R> run;
  private final boolean leader;

  Flight(Run<W, R> run, boolean leader) {
    this.run = run;
    this.leader = leader;
  }

  /** Whether this caller is the one who had the work started. */
  public boolean isLeader() {
    return leader;
  }

  /** The work that is done, as its leader gave it. */
  public W work() {
    return run.work;
  }

  /** Whether {@link #result} has an answer. */
  public boolean isDone() {
    return run.ending.isDone();
  }

  /**
   * Has something done once at the end of the work: by the thread that did it, or at once where it
   * has ended. It must not block, and what it throws is lost.
   */
  public void whenDone(Runnable action) {
    run.whenDone(action);
  }

  /**
   * Takes an action back, and all that it holds.
   *
   * @return whether it will not be done; else it has been, or is about to
   */
  public boolean leave(Runnable action) {
    return run.waiting.remove(action);
  }

  /**
   * What the work brought. Throws what the work threw, the same for all callers.
   *
   * @throws IllegalStateException where it has not ended
   */
  public R result() {
    if (!isDone()) {
      throw new IllegalStateException("the flight is under way");
    }
    return run.ending.join().get();
  }

  /** What the callers share. */
  static final class Run<W extends Supplier<R>, R> {

    private final W work;

    /** Completed with what result() does; so a failure needs no wrapping and no unwrapping. */
    private final CompletableFuture<Supplier<R>> ending = new CompletableFuture<>();

    /** What is to be done at the end, by whoever takes it out; a future would not give it back. */
    private final Set<Runnable> waiting = ConcurrentHashMap.newKeySet();

    Run(W work) {
      this.work = work;
    }

    W work() {
      return work;
    }

    void land(R result) {
      end(() -> result);
    }

    void fail(Throwable failure) {
      end(
          () -> {
            throw thrown(failure);
          });
    }

    private void whenDone(Runnable action) {
      waiting.add(action);
      if (ending.isDone()) { // Then nobody may have seen it.
        perform(action);
      }
    }

    private void end(Supplier<R> result) {
      ending.complete(result);
      waiting.forEach(this::perform);
    }

    private void perform(Runnable action) {
      if (waiting.remove(action)) {
        try {
          action.run();
        } catch (RuntimeException | Error lost) {
          // One caller's must not keep the others from being told.
        }
      }
    }

    private static RuntimeException thrown(Throwable failure) {
      return switch (failure) {
        case RuntimeException exception -> exception;
        case Error error -> throw error;
        default -> new IllegalStateException("the work of a flight failed", failure);
      };
    }
  }
}
