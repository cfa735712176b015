package dev.tokenbroker.store;

import io.quarkus.redis.client.RedisOptionsCustomizer;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisOptions;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The Redis client of the store, with what Quarkus has no setting for: a limit of the TLS
 * handshake, and another client in place of one that is broken. Safe for use by any number of
 * threads.
 */
@Singleton
final class StoreClient implements RedisOptionsCustomizer {

  /*
   * A node of a cluster tells "?" for a node whose name it does not know, as for a moment after a
   * restart. The client (Vert.x 4.5) cannot connect to that and throws. It also keeps that answer
   * for good, and with each call loses connections of its pool. So what throws is broken.
   */

  /**
   * As {@code quarkus.redis.tcp.connection-timeout} limits the connection before it. Vert.x would
   * wait 10 s, and meanwhile one sentinel that hangs would keep all calls from the others.
   */
  private static final long HANDSHAKE_SECONDS = 1;

  private final Supplier<Redis> first;
  private final Supplier<Redis> next;
  private volatile @Nullable RedisOptions options;
  private @Nullable Redis current; // guarded by this

  /** Looks them up when they are used: Quarkus makes both after this, and no client if none is. */
  @Inject
  StoreClient(Instance<Redis> redis, Instance<Vertx> vertx) {
    this.first = redis::get;
    this.next = () -> Redis.createClient(vertx.get(), new RedisOptions(known()));
  }

  /**
   * @param clients supplies the first client, and each further one
   */
  StoreClient(Supplier<Redis> clients) {
    this.first = clients;
    this.next = clients;
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
    return Objects.requireNonNull(options, "there was no client before");
  }

  synchronized Redis get() {
    Redis present = current == null ? first.get() : current;
    current = present;
    return present;
  }

  /** Has the calls that follow use another client than that one, and ends what it does. */
  synchronized void replace(Redis broken) {
    if (broken.equals(current)) {
      current = next.get();
      broken.close();
    }
  }

  @PreDestroy
  synchronized void close() {
    if (current != null) {
      current.close();
    }
  }
}
