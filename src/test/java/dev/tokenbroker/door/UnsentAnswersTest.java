package dev.tokenbroker.door;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.runtime.Latch;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.impl.VertxInternal;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class UnsentAnswersTest {

  private static final int LOOPS = 3;

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(LOOPS));
  private final UnsentAnswers unsent = new UnsentAnswers(vertx);
  private final List<String> sent = new CopyOnWriteArrayList<>();
  private final Latch busy = new Latch(1);

  @AfterEach
  void close() {
    busy.countDown();
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  @Test
  void are_waited_for_on_every_event_loop() throws Exception {
    writeOnEachLoop();
    Thread stop =
        Thread.ofVirtual()
            .start(
                () -> {
                  assertThat(unsent.await(Duration.ofMinutes(1))).isTrue();
                  sent.add("stop");
                });
    assertThat(sent).isEmpty();

    busy.countDown();
    assertThat(stop.join(Duration.ofMinutes(1))).isTrue();
    assertThat(sent).hasSize(LOOPS + 1).last().isEqualTo("stop");
  }

  @Test
  void are_waited_for_no_longer_than_patience_lasts() throws Exception {
    writeOnEachLoop();
    assertThat(unsent.await(Duration.ofMillis(10))).isFalse();
    assertThat(sent).isEmpty();
  }

  /** Each loop is busy, and has something to send when it is done. */
  private void writeOnEachLoop() {
    Latch writing = new Latch(LOOPS);
    ((VertxInternal) vertx)
        .getEventLoopGroup()
        .forEach(
            loop ->
                loop.execute(
                    () -> {
                      loop.execute(() -> sent.add("answer"));
                      writing.countDown();
                      busy.await();
                    }));
    writing.await();
  }
}
