package dev.tokenbroker.exchange;

import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.token.IssuedToken;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * An evaluation that has ended and is not answered yet.
 *
 * @param outcome what came of it
 * @param where runs what concerns its caller alone
 * @param answer is given the ending, once
 */
record Ending(
    ExchangeRecord record,
    Outcome<IssuedToken> outcome,
    Executor where,
    Consumer<Exchanged> answer) {

  /** The same where it could not be recorded: what is not recorded is not granted. */
  Ending unkept() {
    return new Ending(
        record.unkept(), Outcome.refused(Refusal.of(RefusalReason.INTERNAL_ERROR)), where, answer);
  }

  /** What the answer is given. */
  Exchanged exchanged() {
    return new Exchanged(outcome, record.verdict());
  }
}
