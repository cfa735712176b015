package dev.tokenbroker.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.door.CallsOffLoop;
import dev.tokenbroker.door.CallsUnderWay;
import dev.tokenbroker.door.EventLoops;
import dev.tokenbroker.door.WorkOffLoop;
import dev.tokenbroker.lifecycle.TokenIntrospection;
import dev.tokenbroker.lifecycle.TokenRevocation;
import dev.tokenbroker.v1.RevokeTokenRequest;
import dev.tokenbroker.v1.RevokeTokenResponse;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.stub.StreamObserver;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LifecycleDoorTest {

  private static final int MORE_THAN_ARE_LET_IN = 2000;

  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void close() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(1, TimeUnit.MINUTES);
  }

  @Test
  void a_call_that_comes_while_all_ends_takes_no_place_from_the_next() throws Exception {
    ExecutorService ended = Executors.newVirtualThreadPerTaskExecutor();
    ended.close();
    LifecycleDoor door =
        new LifecycleDoor(
            () -> unreached(TokenIntrospection.class),
            () -> unreached(TokenRevocation.class),
            new Handover(
                new EventLoops(), new CallsUnderWay(), new WorkOffLoop(new CallsOffLoop(), ended)));

    assertThat(revoked(door)).hasSize(MORE_THAN_ARE_LET_IN).containsOnly(Code.UNAVAILABLE);
  }

  /** How each of many calls ended, one after the other. */
  private List<Code> revoked(LifecycleDoor door) throws Exception {
    CompletableFuture<List<Code>> found = new CompletableFuture<>();
    vertx.runOnContext(
        _ -> {
          Endings endings = new Endings();
          for (int at = 0; at < MORE_THAN_ARE_LET_IN; at++) {
            door.revoke(RevokeTokenRequest.getDefaultInstance(), Caller.current(), endings);
          }
          found.complete(endings.codes);
        });
    return found.get(1, TimeUnit.MINUTES);
  }

  private static <T> T unreached(Class<T> service) {
    throw new AssertionError(service + " was asked for");
  }

  private static final class Endings implements StreamObserver<RevokeTokenResponse> {

    private final List<Code> codes = new ArrayList<>();

    @Override
    public void onNext(RevokeTokenResponse answer) {}

    @Override
    public void onError(Throwable refusal) {
      codes.add(Status.fromThrowable(refusal).getCode());
    }

    @Override
    public void onCompleted() {
      codes.add(Code.OK);
    }
  }
}
