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
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
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
   *
   * Its pool gives out the first connection that is free, and a connection that is not used for
   * read-idle-timeout ends. So all but one would end between bursts of calls, and a burst would
   * wait for TLS handshakes. Each connection is therefore opened before it is needed, and used.
   */

  /** For how long a client may have no answer before another one takes its place. */
  static final Duration PATIENCE = Duration.ofSeconds(10);

  /** A server without an answer for so long need not be asked by each connection. */
  private static final Duration LATELY = Duration.ofSeconds(1);

  /**
   * As {@code quarkus.redis.tcp.connection-timeout} limits the connection before it. Vert.x would
   * wait 10 s, and meanwhile one sentinel that hangs would keep all calls from the others.
   */
  private static final long HANDSHAKE_SECONDS = 1;

  /** The size of the pool where nobody has set another. */
  private static final int CONNECTIONS = 16;

  private final Supplier<Redis> first;
  private final Supplier<Redis> next;
  private final LongSupplier nanoTime;
  private volatile @Nullable RedisOptions options;

  /** The client in place of the first one. */
  private volatile @Nullable Redis own;

  private volatile boolean broken;
  private volatile long answeredNanos;

  /** How many connections are being opened or used by {@link #keepOpen}. */
  private volatile AtomicInteger keeping = new AtomicInteger();

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
    given
        .getNetClientOptions()
        .setSslHandshakeTimeout(HANDSHAKE_SECONDS)
        .setSslHandshakeTimeoutUnit(TimeUnit.SECONDS);
    // Half of the calls for each kind of names, and room for logs and rounds: see StoreAccess.
    options = given.setMaxPoolWaiting(3 * given.getMaxPoolWaiting());
  }

  private RedisOptions known() {
    return Objects.requireNonNull(options, "Quarkus has made no client");
  }

  /** Opens all connections that the pool may have, and uses each once. Never waits. */
  Future<?> keepOpen() {
    int size = options == null ? CONNECTIONS : known().getMaxPoolSize();
    // One that does not answer counts until it ends, so that no more are asked for than there are.
    AtomicInteger kept = keeping;
    List<Future<?>> all = new ArrayList<>();
    for (int at = kept.get(); at < size; at++) {
      kept.incrementAndGet();
      all.add(
          connection()
              .compose(open -> batch(open, List.of(ValkeyScripts.ping())))
              .onComplete(_ -> kept.decrementAndGet()));
    }
    return Future.join(all);
  }

  /** A connection for one {@link #batch}. */
  Future<RedisConnection> connection() {
    return future(() -> present().connect());
  }

  /** Sends the requests together, and gives the connection back. */
  Future<List<@Nullable Response>> batch(RedisConnection connection, List<Request> requests) {
    return future(() -> connection.batch(requests)).onComplete(_ -> connection.close());
  }

  /** What a broken client throws fails the future. */
  private <T> Future<T> future(Supplier<Future<T>> call) {
    try {
      return call.get();
    } catch (RuntimeException thrown) {
      broken = true;
      return Future.failedFuture(thrown);
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

  /** Whether the store has answered a call within that time. */
  boolean hasAnsweredWithin(Duration time) {
    return nanoTime.getAsLong() - answeredNanos <= time.toNanos();
  }

  /**
   * Has another client take the place of one that threw, or that had no answer for {@link
   * #PATIENCE}; keeps the connections of one that has answers. One thread may call it, on which no
   * request runs: the client keeps its context.
   */
  void mend() {
    long now = nanoTime.getAsLong();
    if (broken || now - answeredNanos > PATIENCE.toNanos()) {
      Redis before = own;
      own = next.get();
      keeping = new AtomicInteger();
      broken = false;
      answeredNanos = now;
      if (before != null) {
        before.close();
      }
    } else if (hasAnsweredWithin(LATELY)) {
      keepOpen();
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
