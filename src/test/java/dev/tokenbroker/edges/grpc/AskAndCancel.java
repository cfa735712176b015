package dev.tokenbroker.edges.grpc;

import io.grpc.ManagedChannel;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;

/**
 * A call of reflection that is cancelled as soon as its request is sent, so that its reset may
 * cross the response. Does both in one thread: a call that another thread has cancelled takes no
 * request.
 */
public final class AskAndCancel
    implements ClientResponseObserver<ServerReflectionRequest, ServerReflectionResponse> {

  private AskAndCancel() {}

  /** Begins and cancels one. */
  public static void reflection(ManagedChannel channel) {
    ServerReflectionGrpc.newStub(channel).serverReflectionInfo(new AskAndCancel());
  }

  /** The same with a check of health, which a proxy mostly drops before it passes it on. */
  public static void health(ManagedChannel channel) {
    HealthGrpc.newFutureStub(channel).check(HealthCheckRequest.getDefaultInstance()).cancel(true);
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<ServerReflectionRequest> stream) {
    stream.setOnReadyHandler(
        () -> {
          stream.onNext(ServerReflectionRequest.newBuilder().setListServices("*").build());
          stream.cancel("not wanted any more", null);
        });
  }

  @Override
  public void onNext(ServerReflectionResponse response) {}

  @Override
  public void onError(Throwable cancelled) {}

  @Override
  public void onCompleted() {}
}
