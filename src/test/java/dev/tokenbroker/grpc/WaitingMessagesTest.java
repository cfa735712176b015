package dev.tokenbroker.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import dev.tokenbroker.door.CallsOffLoop;
import dev.tokenbroker.door.CallsUnderWay;
import dev.tokenbroker.door.EventLoops;
import dev.tokenbroker.door.WorkOffLoop;
import dev.tokenbroker.exchange.OperatorAccess;
import dev.tokenbroker.exchange.TokenExchange;
import dev.tokenbroker.lifecycle.TokenIntrospection;
import dev.tokenbroker.lifecycle.TokenRevocation;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.ExplainExchangeRequest;
import dev.tokenbroker.v1.IntrospectTokenRequest;
import dev.tokenbroker.v1.RevokeTokenRequest;
import io.grpc.stub.StreamObserver;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A message can be forty times as large in memory as on the wire, where it is made of fields that
 * nobody knows: what waits keeps what it needs of it.
 */
class WaitingMessagesTest {

  /** The first finds it, unless it stands in a frame of code that is still being interpreted. */
  private static final int COLLECTIONS = 3;

  private final Vertx vertx = Vertx.vertx();

  /** Threads that are not to be had. */
  private final BlockingQueue<Runnable> waiting = new LinkedBlockingQueue<>();

  private final Handover handover =
      new Handover(
          new EventLoops(),
          new CallsUnderWay(),
          new WorkOffLoop(new CallsOffLoop(), new Queueing()));

  private final LifecycleDoor lifecycle =
      new LifecycleDoor(
          () -> unreached(TokenIntrospection.class),
          () -> unreached(TokenRevocation.class),
          handover);

  private final TokenBrokerService service =
      new TokenBrokerService(
          () -> unreached(TokenExchange.class),
          () -> unreached(OperatorAccess.class),
          lifecycle,
          handover);

  @AfterEach
  void close() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(1, TimeUnit.MINUTES);
  }

  @Test
  void are_not_kept_by_an_explanation() throws Exception {
    assertThat(
            isKept(
                () ->
                    ExplainExchangeRequest.newBuilder()
                        .setExchange(ExchangeTokenRequest.newBuilder().setAudience("a"))
                        .build(),
                message -> service.explainExchange(message, new Unanswered<>())))
        .isFalse();
  }

  @Test
  void are_not_kept_by_an_introspection() throws Exception {
    assertThat(
            isKept(
                () -> IntrospectTokenRequest.newBuilder().setToken("a").build(),
                message -> service.introspectToken(message, new Unanswered<>())))
        .isFalse();
  }

  @Test
  void are_not_kept_by_a_revocation() throws Exception {
    assertThat(
            isKept(
                () -> RevokeTokenRequest.newBuilder().setToken("a").build(),
                message -> service.revokeToken(message, new Unanswered<>())))
        .isFalse();
  }

  private interface Call<M> {
    void with(M message);
  }

  private <M extends Message> boolean isKept(Supplier<M> sent, Call<M> call) throws Exception {
    Context loop = vertx.getOrCreateContext();
    CompletableFuture<WeakReference<M>> called = new CompletableFuture<>();
    loop.runOnContext(
        _ -> {
          M message = sent.get();
          call.with(message);
          called.complete(new WeakReference<>(message));
        });
    WeakReference<M> message = called.get(1, TimeUnit.MINUTES);
    // The event loop may have stood still before it came to the end of that.
    CompletableFuture<Void> ended = new CompletableFuture<>();
    loop.runOnContext(_ -> ended.complete(null));
    Void _ = ended.get(1, TimeUnit.MINUTES);
    assertThat(waiting).hasSize(1);
    for (int at = 0; at < COLLECTIONS && !message.refersTo(null); at++) {
      System.gc();
    }
    return !message.refersTo(null);
  }

  private static <T> T unreached(Class<T> service) {
    throw new AssertionError(service + " was asked for");
  }

  private static final class Unanswered<A> implements StreamObserver<A> {

    @Override
    public void onNext(A answer) {
      throw new AssertionError(answer);
    }

    @Override
    public void onError(Throwable refusal) {
      throw new AssertionError(refusal);
    }

    @Override
    public void onCompleted() {
      throw new AssertionError("answered");
    }
  }

  private final class Queueing extends AbstractExecutorService {

    @Override
    public void execute(Runnable task) {
      waiting.add(task);
    }

    @Override
    public void shutdown() {}

    @Override
    public List<Runnable> shutdownNow() {
      return List.of();
    }

    @Override
    public boolean isShutdown() {
      return false;
    }

    @Override
    public boolean isTerminated() {
      return false;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
      return false;
    }
  }
}
