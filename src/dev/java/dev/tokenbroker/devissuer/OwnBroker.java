package dev.tokenbroker.devissuer;

import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.ExplainExchangeRequest;
import dev.tokenbroker.v1.TokenBrokerGrpc;
import dev.tokenbroker.v1.TokenBrokerGrpc.TokenBrokerBlockingStub;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.TimeUnit;

/**
 * Calls the broker as any client does: over a gRPC connection to its gRPC port, without TLS. A call
 * blocks for at most {@value #DEADLINE_SECONDS} s, so it must not run on an event loop.
 */
final class OwnBroker implements AutoCloseable {

  static final int DEADLINE_SECONDS = 15;

  private final int port;
  private final ManagedChannel channel;

  OwnBroker(int port) {
    this.port = port;
    this.channel = ManagedChannelBuilder.forAddress("localhost", port).usePlaintext().build();
  }

  /** Exchanges, then asks for an explanation of the same request. */
  DemoCall attempt(ExchangeTokenRequest request) {
    return new DemoCall(port, request, exchange(request), explain(request));
  }

  /** Exchanges. */
  DemoCall.DemoAnswer exchange(ExchangeTokenRequest request) {
    try {
      return new DemoCall.Issued(stub().exchangeToken(request));
    } catch (StatusRuntimeException e) {
      return new DemoCall.DemoRefused(e);
    }
  }

  private DemoCall.DemoJudgement explain(ExchangeTokenRequest request) {
    try {
      return new DemoCall.Explained(
          stub().explainExchange(ExplainExchangeRequest.newBuilder().setExchange(request).build()));
    } catch (StatusRuntimeException e) {
      return new DemoCall.Unexplained(e);
    }
  }

  private TokenBrokerBlockingStub stub() {
    return TokenBrokerGrpc.newBlockingStub(channel)
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
