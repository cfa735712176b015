package dev.tokenbroker.edges.grpc;

import dev.tokenbroker.edges.grpc.BrokerClient.Answer;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.ExchangeTokenResponse;
import dev.tokenbroker.v1.TokenBrokerGrpc;
import dev.tokenbroker.v1.TokenBrokerGrpc.TokenBrokerStub;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * Many callers of the broker at once, none of whom waits for another: 80 or fewer on a connection,
 * far from the 1000 calls that the server lets be under way on each.
 */
final class Callers implements AutoCloseable {

  private static final int CALLERS_A_CONNECTION = 80;

  private final List<BrokerClient> clients;

  Callers(int callers, int port) {
    this.clients =
        IntStream.rangeClosed(0, callers / CALLERS_A_CONNECTION)
            .mapToObj(at -> BrokerClient.plaintext(port))
            .toList();
  }

  /** The connection of that caller. */
  BrokerClient client(int caller) {
    return clients.get(caller % clients.size());
  }

  /** A caller who waits for as long as it takes. */
  CompletableFuture<Answer> exchange(int caller, ExchangeTokenRequest request) {
    return begin(caller, request, stub -> stub.withDeadlineAfter(1, TimeUnit.MINUTES));
  }

  /** A caller who cancels the call itself when its time is up. */
  CompletableFuture<Answer> exchange(int caller, ExchangeTokenRequest request, Duration patience) {
    return begin(
        caller,
        request,
        stub -> stub.withDeadlineAfter(patience.toMillis(), TimeUnit.MILLISECONDS));
  }

  /** A caller who says how long it waits, and leaves it to the broker to end the call. */
  CompletableFuture<Answer> exchangeByHeader(
      int caller, ExchangeTokenRequest request, Duration patience) {
    String timeout = patience.toMillis() + "m";
    return begin(
        caller,
        request,
        stub -> stub.withInterceptors(BrokerClient.header("grpc-timeout", List.of(timeout))));
  }

  private CompletableFuture<Answer> begin(
      int caller, ExchangeTokenRequest request, UnaryOperator<TokenBrokerStub> patience) {
    CompletableFuture<Answer> ending = new CompletableFuture<>();
    patience
        .apply(TokenBrokerGrpc.newStub(client(caller).channel()))
        .exchangeToken(request, new Ending(ending));
    return ending;
  }

  private record Ending(CompletableFuture<Answer> ending)
      implements StreamObserver<ExchangeTokenResponse> {

    @Override
    public void onNext(ExchangeTokenResponse response) {
      ending.complete(BrokerClient.granted(response));
    }

    @Override
    public void onError(Throwable thrown) {
      if (thrown instanceof StatusRuntimeException refused) {
        ending.complete(BrokerClient.refused(refused));
      } else {
        ending.completeExceptionally(thrown);
      }
    }

    @Override
    public void onCompleted() {
      ending.completeExceptionally(new AssertionError("ended without an answer"));
    }
  }

  @Override
  public void close() {
    clients.forEach(BrokerClient::close);
  }
}
