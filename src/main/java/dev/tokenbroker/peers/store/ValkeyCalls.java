package dev.tokenbroker.peers.store;

import io.vertx.core.Future;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.ResponseType;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.net.ProtocolException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.faulttolerance.CircuitBreaker;
import org.eclipse.microprofile.faulttolerance.Fallback;
import org.eclipse.microprofile.faulttolerance.Timeout;
import org.eclipse.microprofile.faulttolerance.exceptions.CircuitBreakerOpenException;
import org.eclipse.microprofile.faulttolerance.exceptions.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Calls a Valkey or Redis server. A call takes a bounded time, the pool of connections bounds how
 * many wait, and a server that does not answer is left alone for a moment; {@link StoreSettings}
 * has the limits.
 */
@Singleton
public class ValkeyCalls {

  /** For a response whose values nobody reads. */
  static final int UNREAD = -1;

  /** Errors of a server that answers other calls at the same moment. */
  private static final Set<String> REFUSALS = Set.of("OOM", "READONLY", "MISCONF");

  private final StoreClient client;
  private final StoreHealth health;
  private final Duration timeout;

  @Inject
  ValkeyCalls(StoreClient client, StoreHealth health, StoreSettings settings) {
    this.client = client;
    this.health = health;
    this.timeout = Duration.ofMillis(settings.timeoutMillis());
  }

  StoreClient client() {
    return client;
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
      failOn = {StoreFailure.class, TimeoutException.class},
      skipOn = StoreRefusal.class)
  @Fallback(
      fallbackMethod = "away",
      applyOn = {
        StoreFailure.class,
        StoreBusy.class,
        TimeoutException.class,
        CircuitBreakerOpenException.class
      })
  StoreReply call(StoreCall kind, List<Request> requests, int values) throws InterruptedException {
    try {
      List<@Nullable Response> responses =
          client.batch(connection(), requests).toCompletionStage().toCompletableFuture().get();
      if (values != UNREAD && !isList(responses.getFirst(), values)) {
        throw new ProtocolException();
      }
      client.answered();
      health.answered(kind, kind == StoreCall.READ || wrote(responses.getFirst(), values));
      return new StoreReply.Answered(responses);
    } catch (ExecutionException failed) {
      throw failure(Objects.requireNonNullElse(failed.getCause(), failed));
    } catch (ProtocolException | java.util.concurrent.TimeoutException | RuntimeException broken) {
      throw failure(broken);
    }
  }

  /** Waits for a connection, for three quarters of the time of a call. */
  private RedisConnection connection()
      throws InterruptedException, ExecutionException, java.util.concurrent.TimeoutException {
    Future<RedisConnection> wanted = client.connection();
    try {
      return wanted
          .toCompletionStage()
          .toCompletableFuture()
          .get(timeout.toMillis() * 3 / 4, TimeUnit.MILLISECONDS);
    } catch (InterruptedException | java.util.concurrent.TimeoutException late) {
      // Nobody uses it: without this, calls that are interrupted would take the pool's connections.
      wanted.onSuccess(RedisConnection::close);
      throw late;
    }
  }

  /** No connection, while the store answers other calls, means that these have them all. */
  private RuntimeException failure(Throwable cause) {
    boolean unconnected =
        cause instanceof java.util.concurrent.TimeoutException
            || cause instanceof ConnectionPoolTooBusyException;
    if (unconnected && client.hasAnsweredWithin(timeout)) {
      return new StoreBusy();
    }
    return cause instanceof Response error && REFUSALS.contains(StoreHealth.code(error))
        ? new StoreRefusal(cause)
        : new StoreFailure(cause);
  }

  /** Ends a call that failed, or that was not made. */
  StoreReply away(StoreCall kind, List<Request> requests, int values, Throwable why) {
    health.failed(kind, why);
    return new StoreReply.Away(why instanceof StoreFailure || why instanceof TimeoutException);
  }

  /** A claim that was written returns no values; other scripts that write return how many. */
  private static boolean wrote(@Nullable Response first, int values) {
    if (first == null) {
      return false;
    }
    return switch (first.type()) {
      case NUMBER -> !first.toString().equals("0");
      case MULTI -> values == UNREAD || first.size() == 0;
      default -> true;
    };
  }

  private static boolean isList(@Nullable Response response, int values) {
    return response != null
        && response.type() == ResponseType.MULTI
        && (response.size() == 0 || response.size() == values);
  }

  /** A call found no connection beside the calls that the store answers. */
  static final class StoreBusy extends RuntimeException {}

  /**
   * A call of the store failed in the Redis client, or the server answered with an error. It has no
   * message of its own cause, since an address in that may have a password.
   */
  static class StoreFailure extends RuntimeException {

    StoreFailure(Throwable cause) {
      super("the store failed", cause);
    }
  }

  /** The server answers, and refuses calls of that kind. So it is not left alone. */
  static final class StoreRefusal extends StoreFailure {

    StoreRefusal(Throwable cause) {
      super(cause);
    }
  }
}
