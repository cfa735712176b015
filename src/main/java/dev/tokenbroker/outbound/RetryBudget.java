package dev.tokenbroker.outbound;

/**
 * The tokens that retries take: a burst at the start, and a part of one for each success, never
 * more than the burst.
 *
 * <p>Promise: in any window, at most burst + ratio × successes tokens are spent. Proof: at any
 * time, available and reserved tokens together are at most the burst. Only a success adds to them.
 * A token is reserved once and then either spent or given back. The budget counts whole millionths,
 * so that rounding gains nothing.
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
   * A full budget.
   *
   * @param burst in tokens
   * @param ratio the tokens that a success adds; rounded down to millionths
   */
  RetryBudget(int burst, double ratio) {
    this.burst = burst * TOKEN;
    this.refill = (long) (ratio * TOKEN);
    this.available = this.burst;
  }

  /** Reserves a token; false where there is none. */
  boolean reserve() {
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
    // Reserved tokens count: else they would come back on top of a full budget.
    available = Math.min(burst - reserved, available + refill);
  }

  /** Tokens that could be reserved now. */
  double available() {
    return (double) available / TOKEN;
  }
}
