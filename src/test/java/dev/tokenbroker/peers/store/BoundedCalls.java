package dev.tokenbroker.peers.store;

import io.vertx.redis.client.Request;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.faulttolerance.exceptions.TimeoutException;

/** The calls of a replica without a container, which would bound them by their annotations. */
final class BoundedCalls extends ValkeyCalls {

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final int timeoutMillis;

  BoundedCalls(StoreClient client, StoreHealth health, StoreSettings settings, int timeoutMillis) {
    super(client, health, settings);
    this.timeoutMillis = timeoutMillis;
  }

  @Override
  StoreReply call(StoreCall kind, List<Request> requests, int values) throws InterruptedException {
    Future<StoreReply> reply = threads.submit(() -> super.call(kind, requests, values));
    try {
      return reply.get(timeoutMillis, TimeUnit.MILLISECONDS);
    } catch (ExecutionException failed) {
      return away(kind, requests, values, Objects.requireNonNull(failed.getCause()));
    } catch (java.util.concurrent.TimeoutException late) {
      reply.cancel(true);
      return away(kind, requests, values, new TimeoutException(late));
    }
  }
}
