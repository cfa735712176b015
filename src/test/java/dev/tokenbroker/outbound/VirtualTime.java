package dev.tokenbroker.outbound;

import io.smallrye.faulttolerance.core.stopwatch.RunningStopwatch;
import io.smallrye.faulttolerance.core.stopwatch.Stopwatch;
import io.smallrye.faulttolerance.core.timer.Timer;
import io.smallrye.faulttolerance.core.timer.TimerTask;
import java.time.Duration;
import java.util.PriorityQueue;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A time that passes only from event to event, on one thread; also as stopwatch and timer for a
 * circuit breaker. Events due at the same moment happen in the order in which they were planned.
 */
final class VirtualTime implements Stopwatch, Timer {

  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private long nanos;
  private long serials;

  private record Event(long at, long serial, Runnable action) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      int byTime = Long.compare(at, other.at);
      return byTime != 0 ? byTime : Long.compare(serial, other.serial);
    }
  }

  long nanoTime() {
    return nanos;
  }

  void after(Duration delay, Runnable action) {
    events.add(new Event(nanos + delay.toNanos(), serials++, action));
  }

  /** Lets everything happen that is due until then. */
  void runUntil(Duration end) {
    while (!events.isEmpty() && events.peek().at() <= end.toNanos()) {
      Event event = events.remove();
      nanos = event.at();
      event.action().run();
    }
    nanos = end.toNanos();
  }

  @Override
  public RunningStopwatch start() {
    long start = nanos;
    return () -> (nanos - start) / 1_000_000;
  }

  @Override
  public int getId() {
    return 0;
  }

  @Override
  public TimerTask schedule(long delayInMillis, Runnable task) {
    return schedule(delayInMillis, task, null);
  }

  @Override
  public TimerTask schedule(long delayInMillis, Runnable task, @Nullable Executor executor) {
    after(Duration.ofMillis(delayInMillis), task);
    return new TimerTask() {
      @Override
      public boolean isDone() {
        return false;
      }

      @Override
      public boolean cancel() {
        return false;
      }
    };
  }

  @Override
  public int countScheduledTasks() {
    return events.size();
  }

  @Override
  public void shutdown() {
    events.clear();
  }
}
