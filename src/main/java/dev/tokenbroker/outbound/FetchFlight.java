package dev.tokenbroker.outbound;

import dev.tokenbroker.outcome.Deadline;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A fetch that is under way, which all who need what it brings wait for, each until its own
 * deadline; giving up does not end it.
 *
 * <p>At most {@link #MAX_WAITING} wait: whoever waits holds a place among the evaluations that the
 * broker lets in, and a peer that hangs must not hold the places of all others. Safe for use by any
 * number of threads.
 *
 * @param <R> what it brings
 */
public final class FetchFlight<R> {

  /** An eighth of the evaluations that are let in by default. */
  public static final int MAX_WAITING = 512;

  private final CompletableFuture<R> ending = new CompletableFuture<>();
  private final AtomicInteger waiting = new AtomicInteger();

  /**
   * What became of waiting.
   *
   * @param <R> what the fetch brings
   */
  public sealed interface Awaited<R> {

    /** The fetch has ended. */
    record Ended<R>(R result) implements Awaited<R> {}

    /** The deadline has passed, and it is still under way. */
    record TooLate<R>() implements Awaited<R> {}

    /** As many wait as may; this one did not. */
    record TooMany<R>() implements Awaited<R> {}
  }

  /** One that has ended. */
  public static <R> FetchFlight<R> landed(R result) {
    FetchFlight<R> flight = new FetchFlight<>();
    flight.land(result);
    return flight;
  }

  /** Ends it. */
  public void land(R result) {
    ending.complete(result);
  }

  /** Ends it for a bug, which all who wait throw. */
  public void fail(Throwable bug) {
    ending.completeExceptionally(bug);
  }

  /** Has something done once it has ended: by the thread that ends it, or at once. */
  public void whenEnded(Runnable action) {
    CompletableFuture<R> _ = ending.whenComplete((result, bug) -> action.run());
  }

  /**
   * Waits for its end; an interrupt ends the waiting, and the thread stays interrupted.
   *
   * @throws IllegalStateException where it {@link #fail failed}
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
