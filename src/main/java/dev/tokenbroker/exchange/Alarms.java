package dev.tokenbroker.exchange;

import dev.tokenbroker.outcome.Deadline;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Has something done when a deadline passes. One thread keeps the times; it does nothing else. */
@Singleton
final class Alarms {

  private final ScheduledThreadPoolExecutor clock =
      new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().daemon().name("deadlines").factory());

  Alarms() {
    // Nearly all are called off: they must not stay in the queue until their time.
    clock.setRemoveOnCancelPolicy(true);
  }

  /** Runs the action on a virtual thread at the deadline, unless it is cancelled before. */
  Future<?> at(Deadline deadline, Runnable action) {
    return clock.schedule(
        () -> Thread.ofVirtual().name("too-late").start(action),
        deadline.remaining().toNanos(),
        TimeUnit.NANOSECONDS);
  }

  @PreDestroy
  void close() {
    clock.shutdownNow();
  }
}
