package dev.tokenbroker.door;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.door.CallsOffLoop.Kind;
import org.junit.jupiter.api.Test;

class CallsOffLoopTest {

  private final CallsOffLoop calls = new CallsOffLoop();

  @Test
  void lets_in_so_many_of_a_kind_at_a_time_and_no_more() {
    for (int at = 0; at < Kind.LIFECYCLE.most(); at++) {
      assertThat(calls.enter(Kind.LIFECYCLE)).isTrue();
    }
    assertThat(calls.enter(Kind.LIFECYCLE)).isFalse();
    assertThat(calls.enter(Kind.EXPLANATION)).as("one of another kind").isTrue();

    calls.leave(Kind.LIFECYCLE);
    assertThat(calls.enter(Kind.LIFECYCLE)).isTrue();
    assertThat(calls.enter(Kind.LIFECYCLE)).isFalse();
  }
}
