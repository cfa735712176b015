package dev.tokenbroker.edges.telemetry;

/**
 * Reads the numbers of one peer at each call.
 *
 * @param <P> the source of the numbers
 */
interface Watch<P> {

  /** Reads from this source from now on: a changed definition of the same name has another. */
  void follow(P peer);
}
