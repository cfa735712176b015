package dev.tokenbroker.grpc;

import dev.tokenbroker.door.CallsOffLoop;
import dev.tokenbroker.door.CallsOffLoop.Kind;
import dev.tokenbroker.door.ReadinessMayHaveChanged;
import dev.tokenbroker.door.Stopping;
import grpc.health.v1.HealthOuterClass.HealthCheckResponse;
import io.grpc.stub.StreamObserver;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The watches of the gRPC health protocol that are under way, and what each was told last. A watch
 * is a call that never ends by itself; it is kept until its client has gone, or the broker stops.
 * Safe for use by any number of threads: each watch is answered on the event loop of its call.
 */
@Singleton
final class HealthWatches {

  /** The protocol has a status for it, of which the generated code does not know yet. */
  private static final HealthCheckResponse SERVICE_UNKNOWN =
      HealthCheckResponse.newBuilder().setStatusValue(3).build();

  private final GrpcServingStatus statuses;
  private final CallsOffLoop calls;
  private final Set<Watch> underWay = ConcurrentHashMap.newKeySet();

  HealthWatches(GrpcServingStatus statuses, CallsOffLoop calls) {
    this.statuses = statuses;
    this.calls = calls;
  }

  /**
   * Begins a watch, on the event loop of its call; ends it at once where there are too many, or the
   * broker stops.
   *
   * @param loop runs what it is given on that event loop
   * @return what is to be run there once nobody watches any more
   */
  Runnable begin(String service, StreamObserver<HealthCheckResponse> watcher, Executor loop) {
    if (!calls.enter(Kind.WATCH)) {
      watcher.onError(RefusalStatus.tooManyWatches());
      return () -> {};
    }
    Watch watch = new Watch(service, watcher, loop);
    // Known before it is told, so that no change falls in between.
    underWay.add(watch);
    watch.tell();
    return watch::end;
  }

  int size() {
    return underWay.size();
  }

  void follows(@Observes ReadinessMayHaveChanged event) {
    follow();
  }

  void drains(@Observes Stopping event) {
    stop();
  }

  void stops(@Observes ShutdownEvent event) {
    stop();
  }

  private void stop() {
    statuses.stop();
    follow();
  }

  /** Tells those that have not heard of it how it is now; ends all if the broker stops. */
  private void follow() {
    underWay.forEach(Watch::follow);
  }

  private final class Watch {

    private final @Nullable String service;
    private final StreamObserver<HealthCheckResponse> watcher;
    private final Executor loop;
    private volatile @Nullable HealthCheckResponse told;
    private boolean ended;

    Watch(String service, StreamObserver<HealthCheckResponse> watcher, Executor loop) {
      // A name that means nothing is not kept: it may be as long as a message.
      this.service = statuses.of(service).isPresent() ? service : null;
      this.watcher = watcher;
      this.loop = loop;
    }

    void follow() {
      if (statuses.stopping() || !status().equals(told)) {
        loop.execute(this::tell);
      }
    }

    private void tell() {
      if (ended) {
        return;
      }
      // Asked first: what is told of a broker that stops is the last.
      boolean last = statuses.stopping();
      HealthCheckResponse status = status();
      if (!status.equals(told)) {
        told = status;
        watcher.onNext(status);
      }
      if (last) {
        end();
        watcher.onError(RefusalStatus.stopping());
      }
    }

    private void end() {
      ended = true;
      if (underWay.remove(this)) {
        calls.leave(Kind.WATCH);
      }
    }

    private HealthCheckResponse status() {
      return Optional.ofNullable(service).flatMap(statuses::of).orElse(SERVICE_UNKNOWN);
    }
  }
}
