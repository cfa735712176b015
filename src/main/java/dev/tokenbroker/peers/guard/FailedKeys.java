package dev.tokenbroker.peers.guard;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The keys with an attempt under way, or with a failure that cools down. No entry is dropped before
 * its time: a full memory takes no new keys, and their attempts go unremembered.
 *
 * <p>Times are nanoseconds since some origin, never negative. Not safe for use by several threads:
 * {@link GuardState} holds the lock.
 */
final class FailedKeys {

  private static final Comparator<FailedKey> BY_TIME =
      Comparator.comparingLong((FailedKey entry) -> entry.neededFrom)
          .thenComparingLong(entry -> entry.serial);

  private final int capacity;
  private final Map<Object, FailedKey> entries = new HashMap<>();

  /** Entries with nothing under way. Their times do not change while they are in this set. */
  private final TreeSet<FailedKey> cooling = new TreeSet<>(BY_TIME);

  private long serials;

  /** One key and its state. */
  static final class FailedKey {
    private final Object key;
    private final long serial;
    private int underWay;
    private long neededFrom;

    private FailedKey(Object key, long serial) {
      this.key = key;
      this.serial = serial;
    }

    /** When an attempt is needed again, apart from attempts under way. */
    long neededFrom() {
      return neededFrom;
    }
  }

  FailedKeys(int capacity) {
    this.capacity = capacity;
  }

  /** The entry of the key; null where there is none, or none that still counts. */
  @Nullable FailedKey find(Object key, long now) {
    while (!cooling.isEmpty() && cooling.first().neededFrom <= now) {
      FailedKey over = cooling.pollFirst();
      entries.remove(over.key);
    }
    return entries.get(key);
  }

  boolean isFull() {
    return entries.size() >= capacity;
  }

  /** Adds a key that has no entry, with one attempt; not to be called when full. */
  FailedKey add(Object key) {
    FailedKey entry = new FailedKey(key, serials++);
    entry.underWay = 1;
    entries.put(key, entry);
    return entry;
  }

  /** A further attempt for the key. */
  void enter(FailedKey entry) {
    cooling.remove(entry);
    entry.underWay++;
  }

  /** Removes one attempt that leaves no trace. */
  void leave(FailedKey entry) {
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
  void failed(FailedKey entry, long neededFrom) {
    entry.neededFrom = Math.max(entry.neededFrom, neededFrom);
    leave(entry);
  }

  /** An attempt has succeeded: earlier failures no longer count. */
  void succeeded(FailedKey entry) {
    entry.neededFrom = 0;
    leave(entry);
  }

  int size() {
    return entries.size();
  }
}
