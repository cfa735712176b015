package dev.tokenbroker.peers.guard;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * Keeps one object for each thing that a federation names; a new revision does not reset it.
 *
 * <p>An object that no revision names any more is kept for a while, and continues with its old
 * state when it is named again. Otherwise revisions that drop and name it in turn would give it a
 * full budget each time. Safe for use by several threads.
 */
public final class Retained<K, V> {

  private final Function<K, V> maker;
  private final Consumer<V> revived;
  private final Map<K, V> used = new HashMap<>();
  private final Cache<K, V> retired;

  /**
   * @param maxRetired how many unused objects are kept
   * @param retiredTtl how long they are kept
   * @param nanoTime as {@link System#nanoTime()}
   * @param maker makes a new one; called under the lock
   * @param revived receives an object that is named again, before its first use; called under the
   *     lock
   */
  public Retained(
      int maxRetired,
      Duration retiredTtl,
      LongSupplier nanoTime,
      Function<K, V> maker,
      Consumer<V> revived) {
    this.maker = maker;
    this.revived = revived;
    this.retired =
        Caffeine.newBuilder()
            .maximumSize(maxRetired)
            .expireAfterWrite(retiredTtl)
            .ticker(nanoTime::getAsLong)
            .executor(Runnable::run)
            .build();
  }

  /** The object for that key: the same each time, for as long as it is used or kept. */
  public synchronized V of(K key) {
    return used.computeIfAbsent(key, this::reviveOrMake);
  }

  /** The objects in use, in no particular order. */
  public synchronized List<V> inUse() {
    return List.copyOf(used.values());
  }

  /** Retires the objects whose keys are not used any more. */
  public synchronized void retain(Set<K> stillUsed) {
    used.entrySet()
        .removeIf(
            entry -> {
              boolean drop = !stillUsed.contains(entry.getKey());
              if (drop) {
                retired.put(entry.getKey(), entry.getValue());
              }
              return drop;
            });
  }

  private V reviveOrMake(K key) {
    V before = retired.asMap().remove(key);
    if (before == null) {
      return maker.apply(key);
    }
    revived.accept(before);
    return before;
  }
}
