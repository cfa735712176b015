package dev.tokenbroker.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbroker.outcome.ChangeListener;
import io.vertx.core.Future;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.impl.types.MultiType;
import io.vertx.redis.client.impl.types.SimpleStringType;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.net.ProtocolException;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ValkeyCallsTest {

  @Test
  void what_the_client_throws_is_a_failure_of_the_store() {
    ValkeyCalls calls = calls(Stream.of(throwing(new AtomicBoolean()), answering(List.of())));

    assertThatThrownBy(() -> calls.call(List.of(), ValkeyCalls.UNREAD))
        .isInstanceOf(StoreFailure.class)
        .hasCauseInstanceOf(IllegalStateException.class)
        .hasMessage("the store failed");
  }

  @Test
  void a_client_that_throws_is_closed_and_another_one_takes_its_place()
      throws InterruptedException {
    AtomicBoolean closed = new AtomicBoolean();
    ValkeyCalls calls = calls(Stream.of(throwing(closed), answering(List.of())));

    assertThatThrownBy(() -> calls.call(List.of(), ValkeyCalls.UNREAD))
        .isInstanceOf(StoreFailure.class);

    assertThat(closed).isTrue();
    assertThat(calls.call(List.of(), ValkeyCalls.UNREAD)).isInstanceOf(StoreReply.Answered.class);
  }

  @Test
  void takes_a_value_for_each_name_or_none_at_all() throws InterruptedException {
    for (int size : List.of(0, 2)) {
      ValkeyCalls calls = calls(Stream.of(answering(Collections.singletonList(list(size)))));

      assertThat(calls.call(List.of(), 2)).isInstanceOf(StoreReply.Answered.class);
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
    ValkeyCalls calls = calls(Stream.of(answering(responses)));

    assertThatThrownBy(() -> calls.call(List.of(), 2)).isInstanceOf(StoreFailure.class);
    assertThat(calls.call(List.of(), ValkeyCalls.UNREAD)).isInstanceOf(StoreReply.Answered.class);
    if (!responses.isEmpty()) {
      assertThatThrownBy(() -> calls.call(List.of(), 2))
          .hasCauseInstanceOf(ProtocolException.class);
    }
  }

  private static Response list(int size) {
    MultiType list = MultiType.create(size, false);
    IntStream.range(0, size).forEach(at -> list.add(SimpleStringType.create("value " + at)));
    return list;
  }

  /** A client that answers each batch so. */
  private static Redis answering(List<@Nullable Response> responses) {
    return client((_, _, _) -> Future.succeededFuture(responses));
  }

  private static Redis throwing(AtomicBoolean closed) {
    return client(
        (_, method, _) ->
            switch (method.getName()) {
              case "batch" -> throw new IllegalStateException("broken");
              case "close" -> {
                closed.set(true);
                yield null;
              }
              default -> true; // it equals itself
            });
  }

  private static Redis client(InvocationHandler handler) {
    return (Redis)
        Proxy.newProxyInstance(Redis.class.getClassLoader(), new Class<?>[] {Redis.class}, handler);
  }

  /** Calls with the first of the clients, then with the next one. */
  private static ValkeyCalls calls(Stream<Redis> clients) {
    return new ValkeyCalls(
        new StoreClient(clients.iterator()::next), new StoreHealth(ChangeListener.NONE));
  }
}
