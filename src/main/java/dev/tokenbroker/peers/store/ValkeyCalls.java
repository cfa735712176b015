package dev.tokenbroker.peers.store;

import io.vertx.core.Future;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.ResponseType;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.net.ProtocolException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import org.eclipse.microprofile.faulttolerance.Bulkhead;
import org.eclipse.microprofile.faulttolerance.CircuitBreaker;
import org.eclipse.microprofile.faulttolerance.Fallback;
import org.eclipse.microprofile.faulttolerance.Timeout;
import org.eclipse.microprofile.faulttolerance.exceptions.BulkheadException;
import org.eclipse.microprofile.faulttolerance.exceptions.CircuitBreakerOpenException;
import org.eclipse.microprofile.faulttolerance.exceptions.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Calls a Valkey or Redis server. A call takes a bounded time, few are under way, and a server that
 * fails is left alone for a moment; {@link StoreSettings} has the limits.
 */
@Singleton
public class ValkeyCalls {

  /** For a response whose values nobody reads. */
  static final int UNREAD = -1;

  private final StoreClient client;
  private final StoreHealth health;

  @Inject
  ValkeyCalls(StoreClient client, StoreHealth health) {
    this.client = client;
    this.health = health;
  }

  /** Makes a connection for the calls that follow. Never waits; fails as the client does. */
  Future<Void> connect() {
    return client.connect();
  }

  /**
   * Sends the requests together over one connection, and waits for all responses.
   *
   * @param values how many values the first response has, unless it has none; {@link #UNREAD} if
   *     nobody reads them. A server that returns anything else has failed.
   */
  @Timeout(200)
  @CircuitBreaker(
      requestVolumeThreshold = 8,
      delay = 1000,
      failOn = {StoreFailure.class, TimeoutException.class})
  @Bulkhead(128)
  @Fallback(
      fallbackMethod = "away",
      applyOn = {
        StoreFailure.class,
        TimeoutException.class,
        CircuitBreakerOpenException.class,
        BulkheadException.class
      })
  StoreReply call(List<Request> requests, int values) throws InterruptedException {
    try {
      List<@Nullable Response> responses =
          client.batch(requests).toCompletionStage().toCompletableFuture().get();
      if (values != UNREAD && !isList(responses.getFirst(), values)) {
        throw new ProtocolException();
      }
      client.answered();
      health.answered();
      return new StoreReply.Answered(responses);
    } catch (ExecutionException failed) {
      throw new StoreFailure(Objects.requireNonNullElse(failed.getCause(), failed));
    } catch (ProtocolException | RuntimeException broken) {
      // What the client throws before there is a future counts like a failure of the future.
      throw new StoreFailure(broken);
    }
  }

  /** Replaces a client that does not work; see {@link StoreClient#mend}. */
  void mend() {
    client.mend();
  }

  /** Ends a call that failed, or that was not made. */
  StoreReply away(List<Request> requests, int values, Throwable why) {
    health.failed(why);
    return new StoreReply.Away(why instanceof StoreFailure || why instanceof TimeoutException);
  }

  private static boolean isList(@Nullable Response response, int values) {
    return response != null
        && response.type() == ResponseType.MULTI
        && (response.size() == 0 || response.size() == values);
  }

  /**
   * A call of the store failed in the Redis client, or the server answered with an error. It has no
   * message of its own cause, since an address in that may have a password.
   */
  static final class StoreFailure extends RuntimeException {

    StoreFailure(Throwable cause) {
      super("the store failed", cause);
    }
  }
}
