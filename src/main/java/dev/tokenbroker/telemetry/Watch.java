package dev.tokenbroker.telemetry;

/**
 * Reads the numbers of one peer at the moment of asking.
 *
 * @param <P> where they are read
 */
interface Watch<P> {

  /** Reads there from now on: what is declared otherwise under the same name has them elsewhere. */
  void follow(P peer);
}
