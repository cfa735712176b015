package dev.tokenbroker.peers.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.vertx.redis.client.Redis;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class StoreClientTest {

  private final AtomicLong nanos = new AtomicLong(7);
  private final List<String> log = new ArrayList<>();
  private final Queue<String> names = new ArrayDeque<>(List.of("second", "third", "fourth"));

  @Test
  void a_client_that_throws_makes_way_for_another_at_once() {
    StoreClient client = storeClient("broken");

    assertThatThrownBy(() -> client.batch(List.of())).hasMessage("broken");
    client.mend();
    var _ = client.batch(List.of());

    assertThat(log).containsExactly("broken asked", "second made", "second asked");
  }

  @Test
  void a_client_without_an_answer_makes_way_for_another_after_a_while() {
    StoreClient client = storeClient("mute");

    nanos.addAndGet(StoreClient.PATIENCE.toNanos());
    client.mend();
    assertThat(log).isEmpty();
    nanos.incrementAndGet();
    client.mend();
    client.mend();

    assertThat(log).containsExactly("second made");
  }

  @Test
  void a_client_with_answers_stays() {
    StoreClient client = storeClient("well");

    for (int second = 0; second < 60; second++) {
      nanos.addAndGet(1_000_000_000);
      client.answered();
      client.mend();
    }

    assertThat(log).isEmpty();
  }

  @Test
  void each_client_but_the_first_is_closed_once_by_the_one_who_made_it() {
    StoreClient client = storeClient("mute");

    for (int time = 0; time < 2; time++) {
      nanos.addAndGet(StoreClient.PATIENCE.toNanos() + 1);
      client.mend();
    }
    client.close();

    assertThat(log).containsExactly("second made", "third made", "second closed", "third closed");
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
                  case "batch" -> {
                    log.add(name + " asked");
                    if (name.equals("broken")) {
                      throw new IllegalStateException("broken");
                    }
                    yield Future.succeededFuture(List.of());
                  }
                  default -> throw new AssertionError(method);
                });
  }
}
