package dev.tokenbroker.token;

import dev.tokenbroker.outcome.Deadline;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
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

  /** How many callers share it so far, its leader included. */
  public int joined() {
    return run.callers.get();
  }

  /** Whether {@link #result} has an answer. */
  public boolean isDone() {
    return run.ending.isDone();
  }

  /**
   * Waits for the end of the work, to the deadline at the latest; giving up ends nothing.
   *
   * @return whether there is a result
   * @throws InterruptedException where the waiting thread is interrupted; the work is not
   */
  public boolean await(Deadline deadline) throws InterruptedException {
    try {
      Supplier<R> _ = run.ending.get(deadline.remaining().toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException late) {
      return isDone();
    } catch (ExecutionException impossible) {
      throw new IllegalStateException("a failure is an ending like any other", impossible);
    }
  }

  /**
   * Has something done at the end of the work: by the thread that did it, or at once where it has
   * ended. It must not block, and what it throws is lost.
   */
  public void whenDone(Runnable action) {
    CompletableFuture<Void> _ = run.ending.thenRun(action);
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

    private final AtomicInteger callers = new AtomicInteger(1);

    Run(W work) {
      this.work = work;
    }

    W work() {
      return work;
    }

    void countCaller() {
      callers.incrementAndGet();
    }

    void land(R result) {
      ending.complete(() -> result);
    }

    void fail(Throwable failure) {
      ending.complete(
          () -> {
            throw thrown(failure);
          });
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
