package dev.tokenbroker.edges.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.process.runtime.Logged;
import dev.tokenbroker.process.runtime.Unchecked;
import jakarta.enterprise.event.Shutdown;
import jakarta.enterprise.event.Startup;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class StateRefreshTest {

  private static final Logger CATEGORY = Logger.getLogger(StateRefresh.class.getName());

  private final Deque<Throwable> bugs = new ArrayDeque<>();
  private final StateRefresh refresh = new StateRefresh(this::look);

  @RegisterExtension final Logged logged = Logged.by(StateRefresh.class);

  @Test
  void outlives_whatever_a_look_throws() {
    bugs.add(new IllegalStateException("bug"));
    bugs.add(new StackOverflowError("bug"));
    bugs.add(new NoClassDefFoundError("bug"));
    refresh.refresh();
    refresh.refresh();
    refresh.refresh();
    assertThat(bugs).isEmpty();
  }

  @Test
  void names_each_bug_once() {
    IllegalStateException one = new IllegalStateException("one");
    bugs.addAll(List.of(one, new StackOverflowError("two"), one));
    refresh.refresh();
    refresh.refresh();
    refresh.refresh();
    assertThat(logged.texts(Level.SEVERE))
        .satisfiesExactly(
            first -> assertThat(first).contains("java.lang.IllegalStateException"),
            second -> assertThat(second).contains("java.lang.StackOverflowError"));
  }

  /** As after a start that failed: the check under way finds other parts gone. */
  @Test
  void says_nothing_of_a_look_that_the_end_of_the_broker_overtakes() {
    bugs.add(new IllegalStateException("no container"));
    refresh.end();
    refresh.refresh();
    assertThat(bugs).isEmpty();
    assertThat(logged.texts(Level.SEVERE)).isEmpty();
  }

  @Test
  void outlives_a_log_that_fails_as_well() {
    CATEGORY.setFilter(_ -> Unchecked.raise(new OutOfMemoryError("log")));
    try {
      bugs.add(new OutOfMemoryError("bug"));

      refresh.refresh();

      assertThat(bugs).isEmpty();
    } finally {
      CATEGORY.setFilter(null);
    }
  }

  @Test
  void awaits_a_look_under_way_when_the_broker_ends() throws Exception {
    Thread stopping = Thread.currentThread();
    CountDownLatch looking = new CountDownLatch(1);
    AtomicBoolean ended = new AtomicBoolean();
    StateRefresh slow =
        new StateRefresh(
            () -> {
              looking.countDown();
              while (stopping.getState() != Thread.State.TIMED_WAITING) {
                Thread.onSpinWait();
              }
              ended.set(true);
            });
    slow.start(new Startup());
    looking.await();
    slow.stop(new Shutdown());
    assertThat(ended).isTrue();
  }

  private void look() {
    switch (bugs.remove()) {
      case RuntimeException bug -> throw bug;
      case Error bug -> throw bug;
      case Throwable other -> throw new AssertionError(other);
    }
  }
}
