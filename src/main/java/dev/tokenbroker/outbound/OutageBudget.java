package dev.tokenbroker.outbound;

/**
 * The attempts that this replica may begin while none succeeds, and the failures since the last
 * success.
 *
 * <p>Promise: in any window without a success, at most the part of this replica of circuit failures
 * + concurrency begins. Proof: an attempt takes a unit before it begins, and only a success gives
 * units back. Units that were taken before it and whose attempts begin after it stay taken.
 *
 * <p>If all units are taken and no attempt is under way, then as many have failed as open the
 * circuit. So a call that waits for a unit waits for an attempt to end.
 *
 * <p>Not safe for use by several threads: {@link Circuit} holds the lock.
 */
final class OutageBudget {

  private final GuardShare share;
  private int taken;
  private int unused;
  private int failures;

  OutageBudget(GuardShare share) {
    this.share = share;
  }

  /** Whether a unit can be taken. */
  boolean hasRoom() {
    return taken < share.unproven();
  }

  /** Takes a unit, for an attempt that begins soon. */
  void take() {
    taken++;
    unused++;
  }

  /** Gives a unit back, as its attempt is not made. */
  void giveBack() {
    taken--;
    unused--;
  }

  /** The attempt with that unit begins. */
  void begin() {
    unused--;
  }

  void failed() {
    failures++;
  }

  void succeeded() {
    failures = 0;
    taken = unused;
  }

  /** Whether so many have failed since the last success that the circuit is to open. */
  boolean isSpent() {
    return failures >= share.circuitFailures();
  }
}
