package dev.tokenbroker.outbound;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What was asked for and is under way, or has failed and cools down. Nothing is forgotten before
 * its time: when the memory is full nothing more is taken in, and whoever asks has to do without.
 *
 * <p>Times are nanoseconds since some origin, never negative. Not safe for use by several threads:
 * {@link AttemptLedger} holds the lock.
 */
final class FailedKeys {

  private static final Comparator<Entry> BY_TIME =
      Comparator.comparingLong((Entry entry) -> entry.neededFrom)
          .thenComparingLong(entry -> entry.serial);

  private final int capacity;
  private final Map<Object, Entry> entries = new HashMap<>();

  /** Those with nothing under way. Their times do not change while they are in here. */
  private final TreeSet<Entry> cooling = new TreeSet<>(BY_TIME);

  private long serials;

  /** One key, and what is known of it. */
  static final class Entry {
    private final Object key;
    private final long serial;
    private int underWay;
    private long neededFrom;
    private long heldUntil;

    private Entry(Object key, long serial) {
      this.key = key;
      this.serial = serial;
    }

    /** From when on an attempt is needed again; what is under way not regarded. */
    long neededFrom() {
      return neededFrom;
    }

    /** Until when the peer asked not to be asked again. */
    long heldUntil() {
      return heldUntil;
    }
  }

  FailedKeys(int capacity) {
    this.capacity = capacity;
  }

  /** What is known of the key; null where nothing, or nothing that still counts. */
  @Nullable Entry find(Object key, long now) {
    while (!cooling.isEmpty() && cooling.first().neededFrom <= now) {
      Entry over = cooling.pollFirst();
      entries.remove(over.key);
    }
    return entries.get(key);
  }

  boolean isFull() {
    return entries.size() >= capacity;
  }

  /** An attempt for a key of which nothing is known; not to be called when full. */
  Entry add(Object key) {
    Entry entry = new Entry(key, serials++);
    entry.underWay = 1;
    entries.put(key, entry);
    return entry;
  }

  /** A further attempt for the key. */
  void enter(Entry entry) {
    cooling.remove(entry);
    entry.underWay++;
  }

  /** One attempt less, of which nothing is to be remembered. */
  void leave(Entry entry) {
    entry.underWay--;
    if (entry.underWay > 0) {
      return;
    }
    if (entry.neededFrom > 0) {
      cooling.add(entry);
    } else {
      entries.remove(entry.key);
    }
  }

  /** An attempt has failed. */
  void failed(Entry entry, long neededFrom, long heldUntil) {
    entry.neededFrom = Math.max(entry.neededFrom, neededFrom);
    entry.heldUntil = Math.max(entry.heldUntil, heldUntil);
    leave(entry);
  }

  /** An attempt has succeeded: what failed before does not count any more. */
  void succeeded(Entry entry) {
    entry.neededFrom = 0;
    entry.heldUntil = 0;
    leave(entry);
  }

  int size() {
    return entries.size();
  }
}
