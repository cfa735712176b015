package dev.tokenbroker.outbound;

/** Whether calls go through to a peer. */
public enum CircuitState {
  /** Calls go through. */
  CLOSED,
  /** No call goes through. */
  OPEN,
  /** One call goes through, to find out whether the peer is back. */
  HALF_OPEN
}
