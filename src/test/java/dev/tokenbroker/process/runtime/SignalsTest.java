package dev.tokenbroker.process.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class SignalsTest {

  @Test
  void serves_for_the_whole_delay_even_if_its_thread_is_woken() {
    Duration delay = Duration.ofMillis(20);
    LockSupport.unpark(Thread.currentThread());
    long begun = System.nanoTime();

    Signals.pause(delay);

    assertThat(System.nanoTime() - begun).isGreaterThanOrEqualTo(delay.toNanos());
  }
}
