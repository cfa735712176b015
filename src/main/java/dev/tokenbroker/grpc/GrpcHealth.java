package dev.tokenbroker.grpc;

import dev.tokenbroker.door.EventLoops;
import dev.tokenbroker.exchange.Presence;
import grpc.health.v1.HealthGrpc;
import grpc.health.v1.HealthOuterClass.HealthCheckRequest;
import grpc.health.v1.HealthOuterClass.HealthCheckResponse;
import io.grpc.BindableService;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import java.util.Optional;

/**
 * The gRPC health protocol. Quarkus has a service for it, too, which keeps each name that somebody
 * has ever watched, answers watches from the thread on which a status changes, and takes a service
 * that there is not for one whose status is not known.
 */
@GrpcService
final class GrpcHealth implements BindableService, HealthGrpc.AsyncService {

  private final GrpcServingStatus statuses;
  private final HealthWatches watches;
  private final EventLoops loops;

  GrpcHealth(GrpcServingStatus statuses, HealthWatches watches, EventLoops loops) {
    this.statuses = statuses;
    this.watches = watches;
    this.loops = loops;
  }

  @Override
  public ServerServiceDefinition bindService() {
    return UnreadableMessages.refusedBy(HealthGrpc.bindService(this));
  }

  @Override
  public void check(HealthCheckRequest asked, StreamObserver<HealthCheckResponse> answer) {
    Optional<HealthCheckResponse> status = statuses.of(asked.getService());
    if (status.isEmpty()) {
      answer.onError(RefusalStatus.noSuchService());
      return;
    }
    answer.onNext(status.get());
    answer.onCompleted();
  }

  @Override
  public void watch(HealthCheckRequest asked, StreamObserver<HealthCheckResponse> answer) {
    Presence presence = Caller.current().presence();
    if (presence.hasGone()) {
      return; // Nobody would be told any more that it has.
    }
    Runnable end = watches.begin(asked.getService(), answer, loops.wayBack()::onLoop);
    presence.whenOver(end);
  }
}
