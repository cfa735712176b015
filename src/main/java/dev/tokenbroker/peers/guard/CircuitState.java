package dev.tokenbroker.peers.guard;

/** Whether a guard lets requests through to its peer. */
public enum CircuitState {
  /** The peer answers. */
  CLOSED,
  /** The peer failed several times in a row, and the next probe is not due yet. */
  OPEN,
  /** A probe is due or under way. */
  HALF_OPEN
}
