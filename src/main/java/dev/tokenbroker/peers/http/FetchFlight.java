package dev.tokenbroker.peers.http;

import dev.tokenbroker.base.refusal.Deadline;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A fetch under way that several callers wait for, each until its own deadline. A caller that gives
 * up does not end it.
 *
 * <p>At most {@link #MAX_WAITING} callers wait. Each of them holds a permit of the admission, and a
 * peer that hangs must not hold all permits. Safe for use by any number of threads.
 *
 * @param <R> the result of the fetch
 */
public final class FetchFlight<R> {

  /** An eighth of the evaluations that are admitted by default. */
  public static final int MAX_WAITING = 512;

  private final CompletableFuture<R> ending = new CompletableFuture<>();
  private final AtomicInteger waiting = new AtomicInteger();

  /**
   * The outcome of waiting.
   *
   * @param <R> the result of the fetch
   */
  public sealed interface Awaited<R> {

    /** The fetch has ended. */
    record Ended<R>(R result) implements Awaited<R> {}

    /** The deadline has passed, and the fetch is still under way. */
    record TooLate<R>() implements Awaited<R> {}

    /** The limit of waiting callers is reached, so this one did not wait. */
    record TooMany<R>() implements Awaited<R> {}
  }

  /** A fetch that has ended. */
  public static <R> FetchFlight<R> landed(R result) {
    FetchFlight<R> flight = new FetchFlight<>();
    flight.land(result);
    return flight;
  }

  /** Ends the fetch. */
  public void land(R result) {
    ending.complete(result);
  }

  /** Ends the fetch with a bug, which is thrown to all waiting callers. */
  public void fail(Throwable bug) {
    ending.completeExceptionally(bug);
  }

  /** Runs the action once the fetch has ended: on the thread that ends it, or at once. */
  public void whenEnded(Runnable action) {
    CompletableFuture<R> _ = ending.whenComplete((result, bug) -> action.run());
  }

  /**
   * Waits for the end of the fetch. An interrupt ends the waiting, and the thread stays
   * interrupted.
   *
   * @throws IllegalStateException where the fetch {@link #fail failed}
   */
  public Awaited<R> await(Deadline deadline) {
    int before = waiting.getAndIncrement();
    try {
      return before < MAX_WAITING || ending.isDone()
          ? new Awaited.Ended<>(ending.get(deadline.remaining().toNanos(), TimeUnit.NANOSECONDS))
          : new Awaited.TooMany<>();
    } catch (TimeoutException late) {
      return new Awaited.TooLate<>();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return new Awaited.TooLate<>();
    } catch (ExecutionException bug) {
      throw new IllegalStateException("a fetch failed", bug.getCause());
    } finally {
      waiting.decrementAndGet();
    }
  }
}
