package dev.tokenbroker.bench;

import dev.tokenbroker.edges.grpc.RawMessages;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Calls {@code ExchangeToken} on this machine, over {@value #CONNECTIONS} connections in turn, with
 * a deadline of {@value #DEADLINE_SECONDS} s.
 *
 * <p>Requests come as bytes and answers stay bytes: what the caller spends, it takes from the
 * server that shares its processors.
 */
final class GrpcEdge implements Edge {

  static final int CONNECTIONS = 4;
  static final int DEADLINE_SECONDS = 10;

  private final List<ManagedChannel> channels;
  private final IntFunction<byte[]> requests;
  private final CallOptions options;
  private final Code wanted;

  /**
   * @param requests the request of each number, an {@code ExchangeTokenRequest}
   */
  GrpcEdge(int port, IntFunction<byte[]> requests) {
    this(port, requests, CallOptions.DEFAULT, Code.OK);
  }

  /**
   * @param requests the request of each number, an {@code ExchangeTokenRequest}
   * @param options of each call
   * @param wanted how each call should end
   */
  GrpcEdge(int port, IntFunction<byte[]> requests, CallOptions options, Code wanted) {
    this.requests = requests;
    this.options = options;
    this.wanted = wanted;
    this.channels =
        IntStream.range(0, CONNECTIONS)
            .mapToObj(
                any ->
                    NettyChannelBuilder.forAddress("127.0.0.1", port)
                        .usePlaintext()
                        .directExecutor()
                        .build())
            .toList();
  }

  @Override
  public void call(int number, Consumer<String> ended) {
    ClientCalls.asyncUnaryCall(
        channels
            .get(number % CONNECTIONS)
            .newCall(
                RawMessages.EXCHANGE,
                // Who is told at once that nobody is there would call again within that answer.
                options.withWaitForReady().withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)),
        requests.apply(number),
        new Answer(ended, wanted));
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
  }

  private record Answer(Consumer<String> ended, Code wanted) implements StreamObserver<byte[]> {

    @Override
    public void onNext(byte[] message) {}

    @Override
    public void onError(Throwable refusal) {
      ended(Status.fromThrowable(refusal).getCode());
    }

    @Override
    public void onCompleted() {
      ended(Code.OK);
    }

    private void ended(Code code) {
      ended.accept(code == wanted ? OK : code == Code.OK ? "GRANTED" : code.name());
    }
  }
}
