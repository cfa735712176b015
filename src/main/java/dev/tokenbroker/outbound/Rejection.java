package dev.tokenbroker.outbound;

/** Why a call was not let through to the peer. */
public enum Rejection {
  /** The peer failed often in a row; it is asked once in a while whether it is back. */
  CIRCUIT_OPEN,
  /** The same thing was asked for, and the peer answered when to come back; it is not yet then. */
  HELD,
  /** The same thing was asked for a moment ago and failed, and no retry is left in the budget. */
  BUDGET_EXHAUSTED,
  /**
   * As many calls as may be are under way, and none ended in the time to wait, which the deadline
   * may have cut short.
   */
  BUSY,
  /** The deadline came before an attempt could be made. */
  DEADLINE
}
