package dev.tokenbroker.grpc;

import dev.tokenbroker.changes.ChangeNotes;
import dev.tokenbroker.exchange.Explanation;
import dev.tokenbroker.exchange.TokenExchange;
import dev.tokenbroker.exchange.Verdict;
import dev.tokenbroker.exchange.Verdict.Reader;
import dev.tokenbroker.lifecycle.OperatorAccess;
import dev.tokenbroker.rehearsal.candidate.Candidate;
import dev.tokenbroker.v1.ExplainExchangeRequest;
import jakarta.inject.Singleton;

/** Explains an exchange: discloses the verdict to its reader, and the candidate's to operators. */
@Singleton
final class ExplainCall {

  private final TokenExchange exchange;
  private final OperatorAccess operators;
  private final Candidate candidate;
  private final ChangeNotes changes;

  ExplainCall(
      TokenExchange exchange, OperatorAccess operators, Candidate candidate, ChangeNotes changes) {
    this.exchange = exchange;
    this.operators = operators;
    this.candidate = candidate;
    this.changes = changes;
  }

  dev.tokenbroker.v1.Verdict verdict(ExplainExchangeRequest message, Caller caller) {
    Explanation explanation =
        exchange.explain(
            ExchangeMessages.request(message.getExchange(), caller), caller.deadline());
    Verdict verdict = explanation.verdict();
    if (verdict.isShed() || !isOperator(caller)) {
      return ExchangeMessages.verdict(verdict.disclosedTo(Reader.CALLER));
    }
    var shown = ExchangeMessages.verdict(changes.added(verdict.disclosedTo(Reader.OPERATOR)));
    return message.getWithCandidate()
        ? candidate
            .verdict(explanation)
            .map(other -> shown.toBuilder().setCandidate(ExchangeMessages.verdict(other)).build())
            .orElse(shown)
        : shown;
  }

  private boolean isOperator(Caller caller) {
    return operators.refusal(caller.operator()).isEmpty();
  }
}
