package dev.tokenbroker.exchange;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Is told of every evaluation, once, before its answer is sent. Must be safe for use by many
 * threads.
 */
@FunctionalInterface
public interface ExchangeObserver {

  /**
   * Keeps the record of an evaluation that has ended. Must not block; the answer waits until the
   * stage completes. Completed exceptionally, the evaluation is refused: as overload for a {@link
   * java.util.concurrent.RejectedExecutionException}, and as a failure otherwise, which is logged
   * for it, but for an {@link java.io.UncheckedIOException}, which the observer logs itself.
   *
   * @return null where there is nothing to wait for
   */
  default @Nullable CompletionStage<Void> keep(ExchangeRecord record) {
    return null;
  }

  /**
   * One has ended, and this is what its caller is told. What it throws changes nothing. Called in
   * the context of its caller: must not block.
   */
  void ended(ExchangeRecord record);
}
