package dev.tokenbroker.peers.guard;

import java.time.Duration;
import java.util.PriorityQueue;

/**
 * A time that passes only from event to event, on one thread. Events due at the same moment happen
 * in the order in which they were planned.
 */
final class VirtualTime {

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
}
