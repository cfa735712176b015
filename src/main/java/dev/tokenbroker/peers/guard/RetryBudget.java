package dev.tokenbroker.peers.guard;

import java.util.function.IntSupplier;

/**
 * The tokens that retries take: a burst at the start, and a part of one for each success, never
 * more than the burst.
 *
 * <p>Promise: in any window, at most burst + ratio × successes tokens are spent, with the burst at
 * the beginning of the window. Proof: at any time, available and reserved tokens together are at
 * most the burst. Only a success adds to them. A token is reserved once and then either spent or
 * given back. The budget counts whole millionths, so that rounding gains nothing.
 *
 * <p>The burst is the part of this replica. When it becomes smaller, the budget gives up the tokens
 * above it; tokens that are reserved at that moment stay. When it becomes larger, only successes
 * fill it.
 *
 * <p>Not safe for use by several threads: {@link GuardState} holds the lock.
 */
final class RetryBudget {

  private static final long TOKEN = 1_000_000;

  private final IntSupplier burst;
  private final long refill;
  private long available;
  private long reserved;

  /** The tokens of the start, less those given up; negative where successes had added to them. */
  private long granted;

  /**
   * A full budget.
   *
   * @param burst in tokens; may change
   * @param ratio the tokens that a success adds; rounded down to millionths
   */
  RetryBudget(IntSupplier burst, double ratio) {
    this.burst = burst;
    this.refill = (long) (ratio * TOKEN);
    this.available = burst.getAsInt() * TOKEN;
    this.granted = available;
  }

  /** Reserves a token; false where there is none. */
  boolean reserve() {
    giveUp();
    if (available < TOKEN) {
      return false;
    }
    available -= TOKEN;
    reserved += TOKEN;
    return true;
  }

  /** Spends a reserved token, as its retry begins. */
  void spend() {
    reserved -= TOKEN;
  }

  /** Gives a reserved token back, as its retry is not made. */
  void giveBack() {
    reserved -= TOKEN;
    available += TOKEN;
  }

  void success() {
    giveUp();
    available = Math.min(most(), available + refill);
  }

  /** Tokens that could be reserved now. */
  double available() {
    giveUp();
    return (double) available / TOKEN;
  }

  /** Tokens that were not paid for by successes: retries ≤ these + ratio × successes. */
  double granted() {
    giveUp();
    return (double) granted / TOKEN;
  }

  private void giveUp() {
    long kept = Math.min(available, most());
    granted -= available - kept;
    available = kept;
  }

  /** Reserved tokens count: else they would come back on top of a full budget. */
  private long most() {
    return Math.max(0, burst.getAsInt() * TOKEN - reserved);
  }
}
