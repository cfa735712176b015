package dev.tokenbroker.peers.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbroker.base.outcome.ChangeListener;
import dev.tokenbroker.peers.store.ValkeyCalls.StoreFailure;
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
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ValkeyCallsTest {

  @Test
  void what_the_client_throws_is_a_failure_of_the_store() {
    ValkeyCalls calls =
        calls(
            (_, _, _) -> {
              throw new IllegalStateException("closed");
            });

    assertThatThrownBy(() -> calls.call(List.of(), ValkeyCalls.UNREAD))
        .isInstanceOf(StoreFailure.class)
        .hasCauseInstanceOf(IllegalStateException.class)
        .hasMessage("the store failed");
  }

  @Test
  void takes_a_value_for_each_name_or_none_at_all() throws InterruptedException {
    for (int size : List.of(0, 2)) {
      ValkeyCalls calls = answering(Collections.singletonList(list(size)));

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
    ValkeyCalls calls = answering(responses);

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

  /** Calls whose client answers each batch so. */
  private static ValkeyCalls answering(List<@Nullable Response> responses) {
    return calls((_, _, _) -> Future.succeededFuture(responses));
  }

  private static ValkeyCalls calls(InvocationHandler client) {
    Redis redis =
        (Redis)
            Proxy.newProxyInstance(
                Redis.class.getClassLoader(), new Class<?>[] {Redis.class}, client);
    return new ValkeyCalls(
        new StoreClient(() -> redis, () -> redis, System::nanoTime),
        new StoreHealth(ChangeListener.NONE));
  }
}
