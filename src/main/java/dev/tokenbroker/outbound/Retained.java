package dev.tokenbroker.outbound;

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
 * What is made once for each thing that a federation names, and outlives the revisions that name
 * it: a new revision neither loses what it holds nor begins anew.
 *
 * <p>One that is not named any more is remembered for a while, and goes on where it was when it
 * comes back: otherwise revisions that drop and name it in turn would give it a full budget each
 * time. Safe for use by several threads.
 */
public final class Retained<K, V> {

  private final Function<K, V> maker;
  private final Consumer<V> revived;
  private final Map<K, V> used = new HashMap<>();
  private final Cache<K, V> retired;

  /**
   * @param maxRetired how many are remembered that are not used any more
   * @param retiredTtl for how long
   * @param nanoTime as {@link System#nanoTime()}
   * @param maker makes a new one; called while others wait
   * @param revived is given one that comes back, before anybody uses it; called while others wait
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

  /** The one for that key: the same each time, for as long as it is used and remembered. */
  public synchronized V of(K key) {
    return used.computeIfAbsent(key, this::reviveOrMake);
  }

  /** Those in use, in no particular order. */
  public synchronized List<V> inUse() {
    return List.copyOf(used.values());
  }

  /** Retires those that are not among the ones still used. */
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
