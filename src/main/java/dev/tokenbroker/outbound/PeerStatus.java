package dev.tokenbroker.outbound;

/**
 * The state of one guard at one moment, and what it has counted since it was made.
 *
 * <p>More components than usual: each is a meter, and they are only right together.
 *
 * @param budgetTokens retries that could be made at once
 * @param inFlight attempts under way
 * @param limit how many there may be
 * @param attempts attempts begun; always {@code needed + retries}
 * @param needed those that did not have to be paid for, {@code probes} among them
 * @param probes those that only found out whether the peer is back
 * @param retries those that took a token of the budget
 * @param successes attempts that the peer answered, refusals included
 * @param failures attempts that failed
 * @param burst the budget's size, in tokens
 * @param ratio what a success adds to the budget, in tokens
 */
public record PeerStatus(
    String peer,
    CircuitState circuit,
    double budgetTokens,
    int inFlight,
    int limit,
    long attempts,
    long needed,
    long probes,
    long retries,
    long successes,
    long failures,
    long rejectedByCircuit,
    long rejectedByHold,
    long rejectedByBudget,
    long rejectedByBusy,
    double burst,
    double ratio) {

  /** Attempts over what the bound allows: above 1 is a bug. 0 while nothing was asked. */
  public double boundRatio() {
    double allowed = needed + burst + ratio * successes;
    return attempts == 0 ? 0 : attempts / allowed;
  }

  /** Attempts over those that were needed; NaN until there is one. */
  public double attemptsPerNeeded() {
    return (double) attempts / needed;
  }

  /** Attempts beyond needed ones that the bound still allows: below 0 is a bug. */
  public double headroom() {
    return burst + ratio * successes - retries;
  }
}
