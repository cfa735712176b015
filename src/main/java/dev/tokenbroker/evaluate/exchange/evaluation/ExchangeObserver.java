package dev.tokenbroker.evaluate.exchange.evaluation;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Observes every evaluation, once, before its response is sent. Must be safe for use by many
 * threads.
 */
@FunctionalInterface
public interface ExchangeObserver {

  /**
   * Keeps the record of an evaluation that has ended. Must not block; the response waits until the
   * stage completes. If the stage fails, the evaluation is refused: as overload for a {@link
   * java.util.concurrent.RejectedExecutionException}, otherwise as a failure. The broker logs such
   * a failure, but for an {@link java.io.UncheckedIOException}, which the observer logs itself.
   *
   * @return null if there is nothing to wait for
   */
  default @Nullable CompletionStage<Void> keep(ExchangeRecord record) {
    return null;
  }

  /**
   * Reports the end of an evaluation, as its caller sees it. An exception here changes nothing.
   * Runs in the context of its caller, so it must not block.
   */
  void ended(ExchangeRecord record);
}
