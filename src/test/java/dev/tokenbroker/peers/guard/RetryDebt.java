package dev.tokenbroker.peers.guard;

/**
 * Retries less what successes paid for; complains as soon as that has grown in some window by more
 * than the burst at its beginning. So in every window, retries ≤ burst + ratio × successes.
 */
final class RetryDebt {

  private static final long TOKEN = 1_000_000;

  private final long refill;
  private long burst;
  private long debt;
  private long limit;
  private long retries;

  RetryDebt(int burst, double ratio) {
    this.burst = burst * TOKEN;
    this.refill = (long) (ratio * TOKEN);
    this.limit = this.burst;
  }

  /** The debt of one of several replicas. */
  static RetryDebt ofOne(GuardSettings settings, int replicas) {
    int burst = settings.retryBurst();
    return new RetryDebt(burst == 0 ? 0 : Math.max(1, burst / replicas), settings.retryRatio());
  }

  /** The debt of all replicas together: the burst of one, or a retry each. */
  static RetryDebt ofAll(GuardSettings settings, int replicas) {
    int burst = settings.retryBurst();
    return new RetryDebt(burst == 0 ? 0 : Math.max(replicas, burst), settings.retryRatio());
  }

  /** For windows that begin from now on. */
  void burst(int tokens) {
    burst = tokens * TOKEN;
    limit = Math.min(limit, debt + burst);
  }

  void retry() {
    retries++;
    debt += TOKEN;
    if (debt > limit) {
      throw new AssertionError("more retries in a window than the budget has");
    }
  }

  void success() {
    debt -= refill;
    limit = Math.min(limit, debt + burst);
  }

  long retries() {
    return retries;
  }
}
