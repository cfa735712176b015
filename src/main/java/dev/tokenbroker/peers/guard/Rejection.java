package dev.tokenbroker.peers.guard;

/** Why a call was not let through to the peer. */
public enum Rejection {
  /** The peer failed several times in a row; one call per interval probes whether it is back. */
  CIRCUIT_OPEN,
  /** An earlier attempt for the same key got a Retry-After that has not passed yet. */
  HELD,
  /** An attempt for the same key failed a moment ago, and no retry is left in the budget. */
  BUDGET_EXHAUSTED,
  /**
   * All places are taken, and none became free within the wait, which the deadline may have cut
   * short.
   */
  BUSY,
  /** The deadline came before an attempt could be made. */
  DEADLINE
}
