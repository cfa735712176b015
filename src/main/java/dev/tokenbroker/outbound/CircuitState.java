package dev.tokenbroker.outbound;

/** Whether calls go through to a peer. */
public enum CircuitState {
  /** They do. */
  CLOSED,
  /** They do not. */
  OPEN,
  /** One does, to see whether the peer is back. */
  HALF_OPEN
}
