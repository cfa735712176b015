package dev.tokenbroker.devissuer;

import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.ExchangeTokenResponse;
import dev.tokenbroker.v1.Verdict;
import io.grpc.StatusRuntimeException;

/** One exchange with the broker's response, and the verdict on the same request. */
record DemoCall(
    int port, ExchangeTokenRequest request, DemoAnswer answer, DemoJudgement judgement) {

  /** The response of {@code ExchangeToken}. */
  sealed interface DemoAnswer {}

  record Issued(ExchangeTokenResponse response) implements DemoAnswer {}

  record DemoRefused(StatusRuntimeException status) implements DemoAnswer {}

  /** The response of {@code ExplainExchange}. */
  sealed interface DemoJudgement {}

  record Explained(Verdict verdict) implements DemoJudgement {}

  record Unexplained(StatusRuntimeException status) implements DemoJudgement {}
}
