package dev.tokenbroker.outbound;

/**
 * Tokens that retries are paid with: a burst at the start, and a part of one for each success,
 * never more than the burst.
 *
 * <p>Promise: in any window, at most burst + ratio × successes tokens are spent. Proof: tokens that
 * lie here and those reserved but not yet spent are never more than the burst together, whenever
 * the window begins; only a success adds to them; a token is reserved once and then either spent or
 * given back. Whole millionths are counted, so that nothing is gained by rounding.
 *
 * <p>Not safe for use by several threads: {@link AttemptLedger} holds the lock.
 */
final class RetryBudget {

  private static final long TOKEN = 1_000_000;

  private final long burst;
  private final long refill;
  private long available;
  private long reserved;

  /**
   * A full one.
   *
   * @param burst in tokens
   * @param ratio what a success adds, in tokens; rounded down to millionths
   */
  RetryBudget(int burst, double ratio) {
    this.burst = burst * TOKEN;
    this.refill = (long) (ratio * TOKEN);
    this.available = this.burst;
  }

  /** Sets a token aside; false where there is none. */
  boolean reserve() {
    if (available < TOKEN) {
      return false;
    }
    available -= TOKEN;
    reserved += TOKEN;
    return true;
  }

  /** The retry for which a token was set aside begins. */
  void spend() {
    reserved -= TOKEN;
  }

  /** The retry for which a token was set aside is not made. */
  void giveBack() {
    reserved -= TOKEN;
    available += TOKEN;
  }

  void success() {
    // What is set aside counts: else it would come back on top of a full budget.
    available = Math.min(burst - reserved, available + refill);
  }

  /** Tokens that could be reserved now. */
  double available() {
    return (double) available / TOKEN;
  }
}
