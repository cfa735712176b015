package dev.tokenbroker.peers.guard;

/**
 * The state of one guard at one moment, and its counters since it was made.
 *
 * <p>More components than usual: each is a meter, and they are consistent only together.
 *
 * @param budgetTokens retries that could be made at once
 * @param inFlight attempts under way
 * @param limit the maximum of {@code inFlight}
 * @param attempts attempts begun; always {@code needed + retries}
 * @param needed attempts that took no token, {@code probes} included
 * @param probes attempts that only found out whether the peer is back
 * @param retries attempts that took a token of the budget
 * @param successes attempts that the peer answered, refusals included
 * @param failures attempts that failed
 * @param burst the tokens of the budget at its start, less those given up as replicas came
 * @param ratio the tokens that a success adds to the budget
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

  /** Attempts divided by what the bound allows: above 1 is a bug. 0 without attempts. */
  public double boundRatio() {
    double allowed = needed + burst + ratio * successes;
    return attempts == 0 ? 0 : attempts / allowed;
  }

  /** Attempts divided by needed attempts; NaN until there is one. */
  public double attemptsPerNeeded() {
    return (double) attempts / needed;
  }

  /** Retries that the bound still allows: below 0 is a bug. */
  public double headroom() {
    return burst + ratio * successes - retries;
  }

  /** Whether a guard lets requests through to its peer. */
  public enum CircuitState {
    /** The peer answers. */
    CLOSED,
    /** The peer failed several times in a row, and the next probe is not due yet. */
    OPEN,
    /** A probe is due or under way. */
    HALF_OPEN
  }
}
