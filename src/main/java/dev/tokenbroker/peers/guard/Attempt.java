package dev.tokenbroker.peers.guard;

import dev.tokenbroker.base.outcome.Deadline;

/** One attempt at a peer: it sends at most one request. */
@FunctionalInterface
public interface Attempt<T> {

  /**
   * Makes the attempt and waits for its end.
   *
   * @param limit when the attempt must have ended; the guard does not cancel it, but holds a place
   *     for it until then
   */
  Attempted<T> run(Deadline limit);
}
