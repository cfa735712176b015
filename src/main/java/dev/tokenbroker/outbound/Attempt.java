package dev.tokenbroker.outbound;

import dev.tokenbroker.outcome.Deadline;

/** One attempt at a peer: sends one request at most. */
@FunctionalInterface
public interface Attempt<T> {

  /**
   * Makes the attempt and waits for its end.
   *
   * @param limit when it has to have ended; the guard does not cut it short, it only holds a place
   *     for it until then
   */
  Attempted<T> run(Deadline limit);
}
