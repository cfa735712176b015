package dev.tokenbroker.edges.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.ListenableFuture;
import dev.tokenbroker.edges.http.guard.LocalHttp;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.ExchangeTokenResponse;
import dev.tokenbroker.v1.TokenBrokerGrpc;
import dev.tokenbroker.v1.TokenBrokerGrpc.TokenBrokerFutureStub;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientRequest;
import jakarta.inject.Inject;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A caller that cancels its call harms no other call on the same connection. */
@QuarkusTest
class CancelledCallsStorm {

  private static final int EXCHANGES = 10_000;
  private static final int CANCELLED = 2_000;
  private static final int AT_ONCE = 100;

  @Inject Federations federations;
  @Inject Vertx vertx;
  @AutoClose private final FakeIssuer issuer = FakeIssuer.start();

  @BeforeEach
  void start() {
    new TestFederation().issuer("good", issuer.issuer()).load(federations);
  }

  @Test
  void lose_no_exchange_of_others_on_their_connection() throws Exception {
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("localhost", GrpcPort.current()).usePlaintext().build();
    try {
      assertThat(acceptedBesideCancelled(channel)).isEqualTo(EXCHANGES);
    } finally {
      channel.shutdownNow();
    }
  }

  private int acceptedBesideCancelled(ManagedChannel channel) throws Exception {
    TokenBrokerFutureStub broker = TokenBrokerGrpc.newFutureStub(channel);
    ExchangeTokenRequest request = BrokerClient.exchangeOf("payments-api", issuer.credential());
    Deque<ListenableFuture<ExchangeTokenResponse>> underWay = new ArrayDeque<>();
    int accepted = 0;
    for (int call = 0; call < EXCHANGES; call++) {
      underWay.add(broker.exchangeToken(request));
      if (call % (EXCHANGES / CANCELLED) == 0) {
        cancelOne(channel, call);
      }
      if (underWay.size() == AT_ONCE) {
        accepted += isToken(underWay.remove());
      }
    }
    while (!underWay.isEmpty()) {
      accepted += isToken(underWay.remove());
    }
    return accepted;
  }

  /** A check of health or a call of reflection, whose reset may cross the response. */
  private static void cancelOne(ManagedChannel channel, int call) {
    if (call % 2 == 0) {
      AskAndCancel.health(channel);
    } else {
      AskAndCancel.reflection(channel);
    }
  }

  private static int isToken(ListenableFuture<ExchangeTokenResponse> call) throws Exception {
    return call.get(30, TimeUnit.SECONDS).getAccessToken().isEmpty() ? 0 : 1;
  }

  /** Its client would see no trailers, and so take what was carried out for lost. */
  @ParameterizedTest
  @ValueSource(
      strings = {"application/grpc-web", "application/grpc-web+proto", "application/grpc-web-text"})
  void a_call_of_grpc_web_gets_415(String type) {
    try (RawCalls calls = new RawCalls(vertx, GrpcPort.uri())) {
      HttpClientRequest call =
          calls.begin(
              TokenBrokerGrpc.getExchangeTokenMethod().getFullMethodName(),
              Map.of("content-type", type),
              RawCalls.frame(0, new byte[0]));

      assertThat(LocalHttp.get(call.response()).statusCode()).isEqualTo(415);
    }
  }
}
