package dev.tokenbroker.door;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.door.CallsOffLoop.Kind;
import dev.tokenbroker.outcome.RefusalReason;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WorkOffLoopTest {

  private final CallsOffLoop calls = new CallsOffLoop();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final WorkOffLoop work = new WorkOffLoop(calls, threads);

  @AfterEach
  void stop() {
    threads.close();
  }

  @Test
  void is_done_on_another_thread_than_the_one_that_begins_it() throws Exception {
    CompletableFuture<Thread> worker = new CompletableFuture<>();

    assertThat(work.begin(Kind.LIFECYCLE, () -> worker.complete(Thread.currentThread()))).isEmpty();

    assertThat(worker.get(10, TimeUnit.SECONDS)).isNotEqualTo(Thread.currentThread());
  }

  @Test
  void has_its_place_for_as_long_as_it_is_done() {
    CountDownLatch end = new CountDownLatch(1);
    for (int at = 0; at < Kind.LIFECYCLE.most(); at++) {
      assertThat(work.begin(Kind.LIFECYCLE, () -> await(end))).isEmpty();
    }
    assertThat(work.begin(Kind.LIFECYCLE, WorkOffLoopTest::unreached))
        .contains(RefusalReason.BROKER_OVERLOADED);

    end.countDown();
    threads.close();
    assertThatAllPlacesAreFree();
  }

  @Test
  void gives_its_place_back_though_it_ends_in_a_bug() {
    assertThat(work.begin(Kind.LIFECYCLE, WorkOffLoopTest::bug)).isEmpty();

    threads.close();
    assertThatAllPlacesAreFree();
  }

  @Test
  void is_refused_while_all_ends_and_takes_no_place() {
    threads.close();

    for (int at = 0; at <= Kind.LIFECYCLE.most(); at++) {
      assertThat(work.begin(Kind.LIFECYCLE, WorkOffLoopTest::unreached))
          .contains(RefusalReason.BROKER_STOPPING);
    }
    assertThatAllPlacesAreFree();
  }

  @Test
  void is_refused_where_there_is_no_thread_and_takes_no_place() {
    try (ExecutorService none =
        Executors.newThreadPerTaskExecutor(
            task -> {
              throw new OutOfMemoryError("of a test");
            })) {
      assertThat(new WorkOffLoop(calls, none).begin(Kind.LIFECYCLE, WorkOffLoopTest::unreached))
          .contains(RefusalReason.INTERNAL_ERROR);
    }

    assertThatAllPlacesAreFree();
  }

  private void assertThatAllPlacesAreFree() {
    for (int at = 0; at < Kind.LIFECYCLE.most(); at++) {
      assertThat(calls.enter(Kind.LIFECYCLE)).isTrue();
    }
  }

  private static void unreached() {
    throw new AssertionError("begun");
  }

  private static void bug() {
    throw new IllegalStateException("bug");
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
