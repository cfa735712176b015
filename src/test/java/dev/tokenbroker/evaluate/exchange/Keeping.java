package dev.tokenbroker.evaluate.exchange;

import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeObserver;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRecord;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** An observer whose {@code keep} returns what a test supplies. */
record Keeping(Supplier<CompletionStage<Void>> kept) implements ExchangeObserver {

  @Override
  public CompletionStage<Void> keep(ExchangeRecord record) {
    return kept.get();
  }

  @Override
  public void ended(ExchangeRecord record) {}
}
