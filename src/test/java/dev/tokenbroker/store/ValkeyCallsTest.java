package dev.tokenbroker.store;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbroker.outcome.ChangeListener;
import java.util.List;
import org.junit.jupiter.api.Test;

class ValkeyCallsTest {

  @Test
  void what_the_client_throws_is_a_failure_of_the_store() {
    ValkeyCalls calls =
        new ValkeyCalls(
            () -> {
              throw new IllegalStateException("closed");
            },
            new StoreHealth(ChangeListener.NONE));

    assertThatThrownBy(() -> calls.call(List.of()))
        .isInstanceOf(StoreFailure.class)
        .hasCauseInstanceOf(IllegalStateException.class)
        .hasMessage("the store failed");
  }
}
