package dev.tokenbroker.peers.guard;

import java.util.HashMap;
import java.util.Map;

/**
 * Watches the attempts that a guard lets in, tells needed ones from retries by the definition alone
 * and complains as soon as a window breaks the bound. Knows nothing of how the guard does it.
 */
final class BoundOracle {

  private final RetryDebt debt;
  private final long coolDown;
  private final long probeInterval;
  private final Map<Object, Key> keys = new HashMap<>();

  private long needed;
  private long lastProbe = Long.MIN_VALUE / 2;

  private static final class Key {
    int letIn;
    long lastFailure = Long.MIN_VALUE / 2;
    long lastNeeded = Long.MIN_VALUE / 2;
  }

  BoundOracle(GuardSettings settings) {
    this(settings, 1);
  }

  /** Watches one of several replicas. */
  BoundOracle(GuardSettings settings, int replicas) {
    this.debt = RetryDebt.ofOne(settings, replicas);
    this.coolDown = settings.coolDown().toNanos();
    this.probeInterval = replicas * settings.probeInterval().toNanos();
  }

  /** Whether the first attempt of a call for that key would be needed. */
  boolean isNeeded(Object key, long now) {
    Key known = keys.get(key);
    return known == null || (known.letIn == 0 && now - known.lastFailure >= coolDown);
  }

  void letIn(Object key) {
    known(key).letIn++;
  }

  void cancelled(Object key) {
    known(key).letIn--;
  }

  void began(Object key, GuardState.Ground kind, long now) {
    Key known = known(key);
    switch (kind) {
      case FIRST -> {
        needed++;
        require(now - known.lastNeeded >= coolDown, "needed twice within a cool-down");
        known.lastNeeded = now;
      }
      case PROBE -> {
        needed++;
        require(now - lastProbe >= probeInterval, "probed twice within an interval");
        lastProbe = now;
      }
      case RETRY -> debt.retry();
    }
  }

  void succeeded(Object key) {
    Key known = known(key);
    known.letIn--;
    known.lastFailure = Long.MIN_VALUE / 2;
    known.lastNeeded = Long.MIN_VALUE / 2;
    debt.success();
  }

  void failed(Object key, long now) {
    Key known = known(key);
    known.letIn--;
    known.lastFailure = now;
  }

  long attempts() {
    return needed + debt.retries();
  }

  private Key known(Object key) {
    return keys.computeIfAbsent(key, absent -> new Key());
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}
