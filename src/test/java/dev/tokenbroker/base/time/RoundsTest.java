package dev.tokenbroker.base.time;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.process.runtime.Logged;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class RoundsTest {

  private static final Duration SOON = Duration.ofMillis(1);

  private final AtomicInteger round = new AtomicInteger();

  @Test
  void goes_on_after_a_bug_and_tells_it_once_while_it_repeats() throws InterruptedException {
    CountDownLatch enough = new CountDownLatch(7);
    try (Logged log = Logged.open(RoundsTest.class);
        Rounds rounds = new Rounds(RoundsTest.class, "test", "Nothing could be counted")) {
      rounds.begin(SOON, () -> count(enough));
      assertThat(enough.await(10, TimeUnit.SECONDS)).isTrue();
      rounds.finish(Duration.ofSeconds(10));
      assertThat(log.texts())
          .hasSize(2)
          .allSatisfy(
              line ->
                  assertThat(line)
                      .startsWith("Nothing could be counted: java.lang.IllegalStateException at ")
                      .doesNotContain("secret"));
    }
  }

  /** The rounds 2, 3 and 5 fail. */
  private void count(CountDownLatch enough) {
    enough.countDown();
    int now = round.incrementAndGet();
    if (now == 2 || now == 3 || now == 5) {
      throw new IllegalStateException("secret");
    }
  }

  @Test
  void survives_an_error_as_well() throws InterruptedException {
    CountDownLatch twice = new CountDownLatch(2);
    try (Rounds rounds = new Rounds(RoundsTest.class, "test", "Nothing could be counted")) {
      rounds.begin(
          Duration.ZERO,
          SOON,
          () -> {
            twice.countDown();
            throw new OutOfMemoryError("as a test says");
          });
      assertThat(twice.await(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void waits_for_the_work_under_way_when_it_ends() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    Rounds rounds = new Rounds(RoundsTest.class, "test", "Nothing could be counted");
    rounds.once(
        () -> {
          begun.countDown();
          LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
          round.incrementAndGet();
        });
    rounds.once(round::incrementAndGet);
    begun.await();
    rounds.finish(Duration.ofSeconds(10));
    assertThat(round).hasValue(2);
  }
}
