package dev.tokenbroker.edges.grpc;

import dev.tokenbroker.edges.edge.Explanations;
import dev.tokenbroker.edges.edge.VerdictMessages;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRequest;
import dev.tokenbroker.evaluate.revocation.OperatorAccess;
import dev.tokenbroker.evaluate.revocation.Right;
import dev.tokenbroker.judge.possession.PresentedToken;
import dev.tokenbroker.v1.ExplainExchangeRequest;
import dev.tokenbroker.v1.Verdict;
import jakarta.inject.Singleton;

/** Explains an exchange to a caller or an operator, over gRPC. */
@Singleton
final class ExplainCall {

  private final Explanations explanations;
  private final OperatorAccess operators;

  ExplainCall(Explanations explanations, OperatorAccess operators) {
    this.explanations = explanations;
    this.operators = operators;
  }

  Verdict verdict(ExplainExchangeRequest message, Caller caller) {
    boolean named = !message.getClient().isEmpty();
    if (named) {
      UnaryCalls.granted(operators.admit(caller.operator(), Right.OPERATE), caller.time());
    }
    return VerdictMessages.of(
        explanations.explain(
            explained(message, caller),
            named ? message.getClient() : null,
            caller.deadline(),
            () -> named || operators.refusal(caller.operator()).isEmpty(),
            message.getWithCandidate()));
  }

  /**
   * The explained request. The certificate, the proof and the header of a caller that names a
   * client or sends a token are the operator's, and so no part of it.
   */
  static ExchangeRequest explained(ExplainExchangeRequest message, Caller caller) {
    boolean own =
        message.getClient().isEmpty() && PresentedToken.parse(caller.authorization()).isEmpty();
    return ExchangeMessages.request(message.getExchange(), own ? caller : caller.unproved());
  }
}
