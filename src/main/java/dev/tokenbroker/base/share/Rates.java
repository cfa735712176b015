package dev.tokenbroker.base.share;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * A rate for each key, with a burst after a pause, whose callers wait in order of arrival. It is a
 * token bucket, kept as the moment at which the bucket is full again.
 *
 * <p>A bucket is forgotten only once it is full, so that forgetting refills nothing. Beyond {@value
 * #MAX_KEYS} buckets that are not full, all further keys share one. Safe for use by several
 * threads.
 */
public final class Rates<K> {

  static final int MAX_KEYS = 20_000;

  private final long intervalNanos;
  private final long burstNanos;
  private final LongSupplier nanoTime;
  private final Map<K, AtomicLong> fullAgain = new ConcurrentHashMap<>();
  private final AtomicLong shared;
  private final AtomicLong sweptNanos;

  /**
   * @param perSecond 0 for no limit
   * @param burst at least 1
   */
  public Rates(int perSecond, int burst, LongSupplier nanoTime) {
    this.intervalNanos = perSecond == 0 ? 0 : TimeUnit.SECONDS.toNanos(1) / perSecond;
    this.burstNanos = intervalNanos * burst;
    this.nanoTime = nanoTime;
    this.shared = new AtomicLong(nanoTime.getAsLong());
    this.sweptNanos = new AtomicLong(nanoTime.getAsLong());
  }

  /**
   * Takes the next turn of that key.
   *
   * @param patienceNanos the longest wait for it
   * @return how long to wait for the turn, at least 0; or the negative time after which one may be
   *     had, and none was taken
   */
  public long take(K key, long patienceNanos) {
    if (intervalNanos == 0) {
      return 0;
    }
    long now = nanoTime.getAsLong();
    AtomicLong bucket = bucket(key, now);
    while (true) {
      long full = bucket.get();
      long next = (full - now > 0 ? full : now) + intervalNanos;
      long wait = Math.max(0, next - now - burstNanos);
      if (wait > patienceNanos) {
        return -wait;
      }
      if (bucket.compareAndSet(full, next)) {
        return wait;
      }
    }
  }

  /** Gives back a turn that was not used. */
  public void giveBack(K key) {
    fullAgain.getOrDefault(key, shared).addAndGet(-intervalNanos);
  }

  private AtomicLong bucket(K key, long now) {
    AtomicLong known = fullAgain.get(key);
    if (known != null) {
      return known;
    }
    long swept = sweptNanos.get();
    if (now - swept > burstNanos && sweptNanos.compareAndSet(swept, now)) {
      fullAgain.values().removeIf(full -> now - full.get() > burstNanos);
    }
    return fullAgain.size() < MAX_KEYS
        ? fullAgain.computeIfAbsent(key, _ -> new AtomicLong(now))
        : shared;
  }
}
