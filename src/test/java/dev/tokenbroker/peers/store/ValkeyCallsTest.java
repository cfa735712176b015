package dev.tokenbroker.peers.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.peers.store.ValkeyCalls.StoreBusy;
import dev.tokenbroker.peers.store.ValkeyCalls.StoreFailure;
import dev.tokenbroker.peers.store.ValkeyCalls.StoreRefusal;
import dev.tokenbroker.process.runtime.Unchecked;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.impl.types.ErrorType;
import io.vertx.redis.client.impl.types.MultiType;
import io.vertx.redis.client.impl.types.SimpleStringType;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.net.ProtocolException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ValkeyCallsTest {

  private final AtomicLong nanos = new AtomicLong();

  @Test
  void what_the_client_throws_is_a_failure_of_the_store() {
    ValkeyCalls calls = calls((_, _, _) -> Unchecked.raise(new IllegalStateException("closed")));

    assertThatThrownBy(() -> call(calls, ValkeyCalls.UNREAD))
        .isInstanceOf(StoreFailure.class)
        .hasCauseInstanceOf(IllegalStateException.class)
        .hasMessage("the store failed");
  }

  @Test
  void takes_a_value_for_each_name_or_none_at_all() throws InterruptedException {
    for (int size : List.of(0, 2)) {
      ValkeyCalls calls = answering(Collections.singletonList(list(size)));

      assertThat(call(calls, 2)).isInstanceOf(StoreReply.Answered.class);
    }
  }

  static Stream<List<@Nullable Response>> othersThanTwoValues() {
    return Stream.of(
        List.of(),
        Collections.singletonList(null),
        List.of(SimpleStringType.create("OK")),
        List.of(list(1)),
        List.of(list(3)));
  }

  @ParameterizedTest
  @MethodSource("othersThanTwoValues")
  void any_other_response_is_a_failure_of_the_store(List<@Nullable Response> responses)
      throws InterruptedException {
    ValkeyCalls calls = answering(responses);

    assertThatThrownBy(() -> call(calls, 2)).isInstanceOf(StoreFailure.class);
    assertThat(call(calls, ValkeyCalls.UNREAD)).isInstanceOf(StoreReply.Answered.class);
    if (!responses.isEmpty()) {
      assertThatThrownBy(() -> call(calls, 2)).hasCauseInstanceOf(ProtocolException.class);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "ERR [0] OOM command not allowed, true",
    "READONLY You can't write, true",
    "NOAUTH, false",
    "CONNECTION_CLOSED, false"
  })
  void a_server_that_refuses_writes_is_not_left_alone(String error, boolean refused) {
    ValkeyCalls calls = calls(connected(Future.failedFuture(ErrorType.create(error))));

    assertThatThrownBy(() -> call(calls, ValkeyCalls.UNREAD))
        .isExactlyInstanceOf(refused ? StoreRefusal.class : StoreFailure.class);
  }

  @Test
  void a_call_without_connection_waits_while_the_store_answers() throws InterruptedException {
    AtomicBoolean free = new AtomicBoolean(true);
    AtomicInteger givenBack = new AtomicInteger();
    Promise<Object> late = Promise.promise();
    Object connection =
        proxy(
            RedisConnection.class,
            (_, method, _) -> {
              boolean closes = method.getName().equals("close");
              givenBack.addAndGet(closes ? 1 : 0);
              return Future.succeededFuture(closes ? null : List.of());
            });
    ValkeyCalls calls =
        calls((_, _, _) -> free.get() ? Future.succeededFuture(connection) : late.future());
    assertThat(call(calls, ValkeyCalls.UNREAD)).isInstanceOf(StoreReply.Answered.class);
    free.set(false);

    assertThatThrownBy(() -> call(calls, ValkeyCalls.UNREAD)).isInstanceOf(StoreBusy.class);
    late.complete(connection);
    assertThat(givenBack).as("the one that came too late, too").hasValue(2);

    nanos.addAndGet(Duration.ofMillis(201).toNanos());
    ValkeyCalls alone = calls((_, _, _) -> Promise.promise().future());
    nanos.addAndGet(Duration.ofMillis(201).toNanos());
    assertThatThrownBy(() -> call(alone, ValkeyCalls.UNREAD)).isInstanceOf(StoreFailure.class);
  }

  @Test
  void an_interrupted_call_returns_the_connection_that_comes_later() {
    AtomicInteger givenBack = new AtomicInteger();
    Promise<Object> late = Promise.promise();
    ValkeyCalls calls = calls((_, _, _) -> late.future());
    Thread.currentThread().interrupt();

    assertThatThrownBy(() -> call(calls, ValkeyCalls.UNREAD))
        .isInstanceOf(InterruptedException.class);
    late.complete(
        proxy(
            RedisConnection.class,
            (_, method, _) -> {
              givenBack.addAndGet(method.getName().equals("close") ? 1 : 0);
              return Future.succeededFuture();
            }));

    assertThat(givenBack).hasValue(1);
  }

  private static StoreReply call(ValkeyCalls calls, int values) throws InterruptedException {
    return calls.call(StoreCall.READ, List.of(), values);
  }

  private static Response list(int size) {
    MultiType list = MultiType.create(size, false);
    IntStream.range(0, size).forEach(at -> list.add(SimpleStringType.create("value " + at)));
    return list;
  }

  /** Calls whose client answers each batch so. */
  private ValkeyCalls answering(List<@Nullable Response> responses) {
    return calls(connected(Future.succeededFuture(responses)));
  }

  /** A client whose connection answers each batch so. */
  private static InvocationHandler connected(Future<?> answer) {
    Object connection =
        proxy(
            RedisConnection.class,
            (_, method, _) -> method.getName().equals("close") ? Future.succeededFuture() : answer);
    return (_, _, _) -> Future.succeededFuture(connection);
  }

  private static Object proxy(Class<?> type, InvocationHandler handler) {
    return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler);
  }

  private ValkeyCalls calls(InvocationHandler client) {
    Redis redis = (Redis) proxy(Redis.class, client);
    return new ValkeyCalls(
        new StoreClient(() -> redis, () -> redis, nanos::get),
        new StoreHealth(ChangeListener.NONE),
        TestStoreSettings.withKeys());
  }
}
