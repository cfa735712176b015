package dev.tokenbroker.edges.grpc;

import dev.tokenbroker.edges.edge.Explanations;
import dev.tokenbroker.edges.edge.VerdictMessages;
import dev.tokenbroker.evaluate.revocation.OperatorAccess;
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
    return VerdictMessages.of(
        explanations.explain(
            ExchangeMessages.request(message.getExchange(), caller),
            caller.deadline(),
            () -> operators.refusal(caller.operator()).isEmpty(),
            message.getWithCandidate()));
  }
}
