package dev.tokenbroker.peers.guard;

import dev.tokenbroker.base.refusal.Deadline;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One attempt at a peer: it sends at most one request, or the few that its protocol needs. */
@FunctionalInterface
public interface Attempt<T> {

  /**
   * Makes the attempt and waits for its end.
   *
   * @param limit when the attempt must have ended; the guard does not cancel it, but holds a place
   *     for it until then
   */
  Attempted<T> run(Deadline limit);

  /** The end of one attempt, as judged by the code that understands the response. */
  public sealed interface Attempted<T> {

    /** The same end with another value. */
    default <R> Attempted<R> map(Function<T, R> change) {
      return switch (this) {
        case Done<T>(T value) -> new Done<>(change.apply(value));
        case AttemptFailed<T>(T value, boolean retryable, Duration retryAfter) ->
            new AttemptFailed<>(change.apply(value), retryable, retryAfter);
      };
    }

    /** The peer works and has responded, perhaps with a refusal: a retry would not help. */
    record Done<T>(T value) implements Attempted<T> {}

    /**
     * The peer is in trouble, or cannot be reached.
     *
     * @param retryable whether the same request may be sent again
     * @param retryAfter how long the peer asks us to wait; null where the response does not say
     */
    record AttemptFailed<T>(T value, boolean retryable, @Nullable Duration retryAfter)
        implements Attempted<T> {}
  }
}
