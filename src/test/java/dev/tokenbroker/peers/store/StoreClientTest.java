package dev.tokenbroker.peers.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StoreClientTest {

  private final AtomicLong nanos = new AtomicLong(7);
  private final List<String> log = new ArrayList<>();
  private final Queue<Object> pool = new ArrayDeque<>();
  private final Promise<Object> waiting = Promise.promise();
  private final Queue<String> names = new ArrayDeque<>(List.of("second", "third", "fourth"));

  @Test
  void a_client_that_throws_makes_way_for_another_at_once() {
    StoreClient client = storeClient("broken");

    assertThat(client.connection().cause()).hasMessage("broken");
    client.mend();
    client.connection();

    assertThat(log).containsExactly("broken asked", "second made", "second asked");
  }

  @Test
  void a_client_without_response_yields_to_another_after_a_while() {
    StoreClient client = storeClient("mute");

    nanos.addAndGet(StoreClient.PATIENCE.toNanos());
    client.mend();
    assertThat(log).isEmpty();
    nanos.incrementAndGet();
    client.mend();
    client.mend();

    assertThat(log).filteredOn(line -> !line.endsWith("asked")).containsExactly("second made");
  }

  @Test
  void a_client_with_answers_stays() {
    StoreClient client = storeClient("well");

    for (int second = 0; second < 60; second++) {
      nanos.addAndGet(1_000_000_000);
      client.answered();
      client.mend();
    }

    assertThat(log).containsOnly("well asked").as("one for each connection").hasSize(16);
  }

  @Test
  void each_client_but_the_first_is_closed_once_by_its_creator() {
    StoreClient client = storeClient("mute");

    for (int time = 0; time < 2; time++) {
      nanos.addAndGet(StoreClient.PATIENCE.toNanos() + 1);
      client.mend();
    }
    client.close();

    assertThat(log).containsExactly("second made", "third made", "second closed", "third closed");
  }

  @Test
  void uses_all_connections_at_once_so_that_none_idles_out() {
    StoreClient client = storeClient("well");
    List<Promise<Object>> pings = IntStream.range(0, 16).mapToObj(_ -> connection()).toList();

    var opening = client.keepOpen();
    assertThat(log).hasSize(32).filteredOn("connection pinged"::equals).hasSize(16);
    assertThat(opening.isComplete()).isFalse();

    pings.stream().skip(1).forEach(ping -> ping.complete(List.of()));
    assertThat(pool).as("given back").hasSize(15);
    log.clear();
    client.keepOpen();
    assertThat(log).filteredOn("well asked"::equals).as("one does not answer").hasSize(15);
    pings.getFirst().complete(List.of());
    assertThat(opening.succeeded()).isTrue();
  }

  /** A connection in the pool that answers when the test says so. */
  private Promise<Object> connection() {
    Promise<Object> ping = Promise.promise();
    pool.add(
        Proxy.newProxyInstance(
            RedisConnection.class.getClassLoader(),
            new Class<?>[] {RedisConnection.class},
            (connection, method, _) -> {
              if (method.getName().equals("batch")) {
                log.add("connection pinged");
                return ping.future();
              }
              pool.add(connection);
              return Future.succeededFuture();
            }));
    return ping;
  }

  @Test
  void a_client_that_was_never_replaced_is_not_closed() {
    storeClient("well").close();

    assertThat(log).isEmpty();
  }

  private StoreClient storeClient(String name) {
    Redis first = redis(name);
    return new StoreClient(() -> first, this::made, nanos::get);
  }

  private Redis made() {
    String name = names.remove();
    log.add(name + " made");
    return redis(name);
  }

  private Redis redis(String name) {
    return (Redis)
        Proxy.newProxyInstance(
            Redis.class.getClassLoader(),
            new Class<?>[] {Redis.class},
            (_, method, _) ->
                switch (method.getName()) {
                  case "close" -> {
                    log.add(name + " closed");
                    yield null;
                  }
                  case "connect" -> {
                    log.add(name + " asked");
                    if (name.equals("broken")) {
                      throw new IllegalStateException("broken");
                    }
                    yield pool.isEmpty() ? waiting.future() : Future.succeededFuture(pool.remove());
                  }
                  default -> throw new AssertionError(method);
                });
  }
}
