package dev.tokenbroker.devissuer;

import com.google.protobuf.Any;
import com.google.rpc.ErrorInfo;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.ExchangeTokenResponse;
import dev.tokenbroker.v1.ExplainExchangeRequest;
import dev.tokenbroker.v1.Outcome;
import dev.tokenbroker.v1.StepResult;
import dev.tokenbroker.v1.TokenBrokerGrpc;
import dev.tokenbroker.v1.Verdict;
import dev.tokenbroker.v1.VerdictStep;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A broker on a loopback port that refuses as often as it is told and then issues the credential
 * itself as the token.
 */
final class FakeBroker extends TokenBrokerGrpc.TokenBrokerImplBase implements AutoCloseable {

  private final AtomicInteger exchanges = new AtomicInteger();
  private final int refusals;
  private final Status.Code code;
  private final String pushback;
  private final Server server;

  FakeBroker(int refusals, Status.Code code, String pushback) throws IOException {
    this.refusals = refusals;
    this.code = code;
    this.pushback = pushback;
    this.server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getByName("localhost"), 0))
            .addService(this)
            .build()
            .start();
  }

  int port() {
    return server.getPort();
  }

  int exchanges() {
    return exchanges.get();
  }

  @Override
  public void exchangeToken(
      ExchangeTokenRequest request, StreamObserver<ExchangeTokenResponse> answer) {
    if (exchanges.getAndIncrement() < refusals) {
      answer.onError(refusal());
      return;
    }
    answer.onNext(
        ExchangeTokenResponse.newBuilder()
            .setAccessToken(request.getSubjectToken())
            .setTokenType("Bearer")
            .addAllScopes(request.getScopesList())
            .build());
    answer.onCompleted();
  }

  @Override
  public void explainExchange(ExplainExchangeRequest request, StreamObserver<Verdict> answer) {
    answer.onNext(
        Verdict.newBuilder()
            .setOutcome(Outcome.OUTCOME_REFUSED)
            .setReason("CREDENTIAL_EXPIRED")
            .addHints("expired 600 s ago")
            .addSteps(
                VerdictStep.newBuilder()
                    .setName("time")
                    .setResult(StepResult.STEP_RESULT_FAILED)
                    .setExpected("exp in the future")
                    .setSeen("exp 600 s ago"))
            .build());
    answer.onCompleted();
  }

  private StatusRuntimeException refusal() {
    Metadata trailers = new Metadata();
    trailers.put(DemoCall.DemoRefused.PUSHBACK, pushback);
    return StatusProto.toStatusRuntimeException(
        com.google.rpc.Status.newBuilder()
            .setCode(code.value())
            .setMessage("The credential has expired.")
            .addDetails(
                Any.pack(
                    ErrorInfo.newBuilder()
                        .setReason("CREDENTIAL_EXPIRED")
                        .setDomain("tokenbroker.dev")
                        .putMetadata("step", "time")
                        .build()))
            .build(),
        trailers);
  }

  @Override
  public void close() {
    server.shutdownNow();
  }
}
