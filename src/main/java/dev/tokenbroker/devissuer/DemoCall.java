package dev.tokenbroker.devissuer;

import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.ExchangeTokenResponse;
import dev.tokenbroker.v1.Verdict;
import io.grpc.StatusRuntimeException;

/** One exchange with the broker's response, and the verdict on the same request. */
record DemoCall(int port, ExchangeTokenRequest request, Answer answer, Judgement judgement) {

  /** The response of {@code ExchangeToken}. */
  sealed interface Answer {}

  record Issued(ExchangeTokenResponse response) implements Answer {}

  record Refused(StatusRuntimeException status) implements Answer {}

  /** The response of {@code ExplainExchange}. */
  sealed interface Judgement {}

  record Explained(Verdict verdict) implements Judgement {}

  record Unexplained(StatusRuntimeException status) implements Judgement {}
}
