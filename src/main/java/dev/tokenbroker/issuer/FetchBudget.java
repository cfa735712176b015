package dev.tokenbroker.issuer;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Bounds the fetches from one issuer: in any window of length W at most 2 + W / cool-down + W /
 * ttl, key sets and discovery documents together.
 *
 * <p>Proof. Two sorts of permit, one fetch each. A <em>slot</em> is given when none was given for a
 * cool-down: slots are at least a cool-down apart, so a window holds at most 1 + W / cool-down. An
 * <em>extra</em> is given when none was given for a ttl: at most 1 + W / ttl. Every attempt begins
 * with a slot; the extra is for the second document, where both are needed. The sum is the bound;
 * it depends neither on the number of callers nor on their rate. The ttl in force when the extra is
 * taken counts, so over time the bound holds with the smallest.
 *
 * <p>Safe for use by several threads.
 */
final class FetchBudget {

  private final long coolDownNanos;
  private final LongSupplier nanoTime;
  private boolean slotTaken;
  private long slotTakenAt;
  private boolean extraTaken;
  private long extraTakenAt;

  FetchBudget(Duration coolDown, LongSupplier nanoTime) {
    this.coolDownNanos = coolDown.toNanos();
    this.nanoTime = nanoTime;
  }

  /** Takes the slot if it is free. */
  synchronized boolean takeSlot() {
    long now = nanoTime.getAsLong();
    if (slotTaken && now - slotTakenAt < coolDownNanos) {
      return false;
    }
    slotTaken = true;
    slotTakenAt = now;
    return true;
  }

  /** Takes the extra if it is free; the ttl is how long keys are fresh at present. */
  synchronized boolean takeExtra(Duration ttl) {
    long now = nanoTime.getAsLong();
    if (extraTaken && now - extraTakenAt < ttl.toNanos()) {
      return false;
    }
    extraTaken = true;
    extraTakenAt = now;
    return true;
  }

  /** How long until the slot is free; zero if it is. */
  synchronized Duration untilSlot() {
    if (!slotTaken) {
      return Duration.ZERO;
    }
    long left = coolDownNanos - (nanoTime.getAsLong() - slotTakenAt);
    return Duration.ofNanos(Math.max(0, left));
  }
}
