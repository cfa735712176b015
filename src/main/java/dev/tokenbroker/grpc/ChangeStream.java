package dev.tokenbroker.grpc;

import dev.tokenbroker.changes.ChangeEvent;
import dev.tokenbroker.changes.ChangeWatch;
import dev.tokenbroker.changes.ChangeWatch.WatchedChange;
import dev.tokenbroker.changes.Timeline;
import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quarkus.virtual.threads.VirtualThreads;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Semaphore;

/**
 * Streams changes to operators, each stream on a virtual thread of its own. It sends only while the
 * caller's window is open, so a slow caller fills its bounded queue and nothing else.
 */
@Singleton
final class ChangeStream {

  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final Timeline timeline;
  private final ExecutorService threads;

  ChangeStream(Timeline timeline, @VirtualThreads ExecutorService threads) {
    this.timeline = timeline;
    this.threads = threads;
  }

  /** Streams until the caller cancels, the server ends the stream, or the broker stops. */
  void start(Caller caller, long afterId, StreamObserver<dev.tokenbroker.v1.ChangeEvent> answer) {
    var stream = (ServerCallStreamObserver<dev.tokenbroker.v1.ChangeEvent>) answer;
    ChangeWatch watch = new ChangeWatch();
    Semaphore ready = new Semaphore(0);
    Runnable end =
        () -> {
          watch.close();
          ready.release();
        };
    stream.setOnReadyHandler(ready::release);
    stream.setOnCancelHandler(end);
    stream.setOnCloseHandler(end);
    threads.execute(Context.current().wrap(() -> run(caller, afterId, stream, watch, ready)));
  }

  private void run(
      Caller caller,
      long afterId,
      ServerCallStreamObserver<dev.tokenbroker.v1.ChangeEvent> stream,
      ChangeWatch watch,
      Semaphore ready) {
    try (watch) {
      List<ChangeEvent> before = UnaryCalls.granted(timeline.follow(caller.operator(), watch));
      for (ChangeEvent event : before) {
        if (event.id() > afterId) {
          send(event, 0, stream, watch, ready);
        }
      }
      WatchedChange next = watch.next(PATIENCE);
      while (!(next instanceof WatchedChange.WatchEnded)) {
        if (next instanceof WatchedChange.NextChange(ChangeEvent event, long missed)) {
          send(event, missed, stream, watch, ready);
        }
        next = watch.next(PATIENCE);
      }
      if (!stream.isCancelled()) {
        stream.onError(RefusalStatus.stopping().asRuntimeException());
      }
    } catch (RefusedCall refused) {
      stream.onError(refused);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error bug) {
      UnaryCalls.broken(stream, bug);
    }
  }

  private static void send(
      ChangeEvent event,
      long missed,
      ServerCallStreamObserver<dev.tokenbroker.v1.ChangeEvent> stream,
      ChangeWatch watch,
      Semaphore ready)
      throws InterruptedException {
    // Each signal may be one of before, so the state decides.
    while (!stream.isReady() && !watch.isClosed()) {
      ready.acquire();
    }
    if (!watch.isClosed()) {
      stream.onNext(ChangeMessages.event(event, missed));
    }
  }
}
