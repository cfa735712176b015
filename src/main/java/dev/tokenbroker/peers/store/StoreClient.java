package dev.tokenbroker.peers.store;

import dev.tokenbroker.base.time.Clocks;
import io.quarkus.redis.client.RedisOptionsCustomizer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The Redis client of the store. It has what Quarkus has no setting for: a limit of the TLS
 * handshake, and another client in place of one that does not work. Safe for use by any number of
 * threads.
 */
@Singleton
final class StoreClient implements RedisOptionsCustomizer {

  /*
   * Some answers break the client of Vert.x 4.5 for good. A node of a cluster tells "?" for a node
   * whose name it does not know: from then on the client throws. A server with too many clients
   * refuses the first command of a connection: from then on the client waits. It also reads the
   * authorities that it trusts only once. A new client recovers from all of these.
   */

  /** For how long a client may have no answer before another one takes its place. */
  static final Duration PATIENCE = Duration.ofSeconds(10);

  /**
   * As {@code quarkus.redis.tcp.connection-timeout} limits the connection before it. Vert.x would
   * wait 10 s, and meanwhile one sentinel that hangs would keep all calls from the others.
   */
  private static final long HANDSHAKE_SECONDS = 1;

  private final Supplier<Redis> first;
  private final Supplier<Redis> next;
  private final LongSupplier nanoTime;
  private volatile @Nullable RedisOptions options;

  /** The client in place of the first one. */
  private volatile @Nullable Redis own;

  private volatile boolean broken;
  private volatile long answeredNanos;

  /** Looks up the client of Quarkus late: there is none without a shared store. */
  @Inject
  StoreClient(Instance<Redis> redis, Instance<Vertx> vertx, Clocks clock) {
    this.first = redis::get;
    this.next = () -> Redis.createClient(vertx.get(), known());
    this.nanoTime = clock::nanoTime;
    this.answeredNanos = nanoTime.getAsLong();
  }

  /**
   * @param first supplies the client that is used first; who made it closes it
   * @param next makes each further client
   * @param nanoTime as {@link System#nanoTime()}
   */
  StoreClient(Supplier<Redis> first, Supplier<Redis> next, LongSupplier nanoTime) {
    this.first = first;
    this.next = next;
    this.nanoTime = nanoTime;
    this.answeredNanos = nanoTime.getAsLong();
  }

  @Override
  public void customize(String clientName, RedisOptions given) {
    var _ =
        given
            .getNetClientOptions()
            .setSslHandshakeTimeout(HANDSHAKE_SECONDS)
            .setSslHandshakeTimeoutUnit(TimeUnit.SECONDS);
    options = given;
  }

  private RedisOptions known() {
    return Objects.requireNonNull(options, "Quarkus has made no client");
  }

  /** Makes a connection for the calls that follow. Never waits; fails as the client does. */
  Future<Void> connect() {
    return present().connect().compose(RedisConnection::close);
  }

  /** Sends the requests together over one connection. Throws what a broken client throws. */
  Future<List<@Nullable Response>> batch(List<Request> requests) {
    try {
      return present().batch(requests);
    } catch (RuntimeException thrown) {
      broken = true;
      throw thrown;
    }
  }

  private Redis present() {
    Redis other = own;
    return other == null ? first.get() : other;
  }

  /** Notes that the store has answered. */
  void answered() {
    answeredNanos = nanoTime.getAsLong();
  }

  /**
   * Has another client take the place of one that threw, or that had no answer for {@link
   * #PATIENCE}. One thread may call it, on which no request runs: the client keeps its context.
   */
  void mend() {
    long now = nanoTime.getAsLong();
    if (broken || now - answeredNanos > PATIENCE.toNanos()) {
      Redis before = own;
      own = next.get();
      broken = false;
      answeredNanos = now;
      if (before != null) {
        before.close();
      }
    }
  }

  @PreDestroy
  void close() {
    Redis last = own;
    if (last != null) {
      last.close();
    }
  }
}
