package dev.tokenbroker.exchange;

import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.token.IssuedToken;
import java.util.function.Consumer;

/**
 * An evaluation that has ended and is not answered yet.
 *
 * @param outcome what came of it, if it can be recorded
 * @param answer is given the ending, once
 */
record Ending(ExchangeRecord record, Outcome<IssuedToken> outcome, Consumer<Exchanged> answer) {

  /** Gives the answer; what is not recorded is not granted. */
  void answer(boolean recorded) {
    answer.accept(
        new Exchanged(
            recorded ? outcome : Outcome.refused(Refusal.of(RefusalReason.INTERNAL_ERROR)),
            record.verdict()));
  }
}
