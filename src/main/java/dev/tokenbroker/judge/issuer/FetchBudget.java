package dev.tokenbroker.judge.issuer;

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
 * taken counts, so over time the bound holds with the smallest. A hold only delays slots.
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
  private long heldNanos;
  private long heldSince;

  FetchBudget(Duration coolDown, LongSupplier nanoTime) {
    this.coolDownNanos = coolDown.toNanos();
    this.nanoTime = nanoTime;
  }

  /** Takes the slot if it is free. */
  synchronized boolean takeSlot() {
    long now = nanoTime.getAsLong();
    if (untilSlotNanos(now) > 0) {
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

  /** Gives no slot for that time from now on, besides the cool-down: the issuer asked for it. */
  synchronized void hold(Duration wait) {
    heldSince = nanoTime.getAsLong();
    heldNanos = wait.toNanos();
  }

  /** Whether the issuer has asked not to be called now. */
  synchronized boolean isHeld() {
    return heldNanos > 0 && nanoTime.getAsLong() - heldSince < heldNanos;
  }

  /** How long until the slot is free; zero if it is. */
  synchronized Duration untilSlot() {
    return Duration.ofNanos(untilSlotNanos(nanoTime.getAsLong()));
  }

  private long untilSlotNanos(long now) {
    long cooling = slotTaken ? coolDownNanos - (now - slotTakenAt) : 0;
    long held = heldNanos - (now - heldSince);
    return Math.max(0, Math.max(cooling, heldNanos == 0 ? 0 : held));
  }
}
