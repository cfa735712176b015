package dev.tokenbroker.operate.changes.shape;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Limits the samples of each issuer: a burst of {@value #BURST}, and {@value #EACH_ROUND} more for
 * each round. Safe for use by many threads.
 */
final class SamplePermits {

  static final int BURST = 50;
  static final int EACH_ROUND = 5;

  /** By the name of the issuer, which comes from the federation. */
  private final Map<String, AtomicInteger> left = new ConcurrentHashMap<>();

  /** Takes a permit; false if the issuer has none left. */
  boolean take(String issuer) {
    AtomicInteger permits = left.get(issuer);
    if (permits == null) {
      permits = left.computeIfAbsent(issuer, _ -> new AtomicInteger(BURST));
    }
    // The read alone serves a busy issuer, without a write that threads contend for.
    return permits.get() > 0 && permits.getAndDecrement() > 0;
  }

  /** Begins a round. */
  void refill() {
    for (AtomicInteger permits : left.values()) {
      if (permits.get() < BURST) {
        permits.updateAndGet(each -> Math.min(BURST, Math.max(0, each) + EACH_ROUND));
      }
    }
  }

  /** Forgets other issuers. */
  void keepOnly(Set<String> issuers) {
    left.keySet().retainAll(issuers);
  }
}
