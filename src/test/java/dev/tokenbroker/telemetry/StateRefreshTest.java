package dev.tokenbroker.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.enterprise.event.Shutdown;
import jakarta.enterprise.event.Startup;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StateRefreshTest {

  private static final Logger CATEGORY = Logger.getLogger(StateRefresh.class.getName());

  private final Deque<Throwable> bugs = new ArrayDeque<>();
  private final StateRefresh refresh = new StateRefresh(this::look);
  private final List<String> errors = new ArrayList<>();
  private final Handler recorder = new Recorder();

  @BeforeEach
  void listen() {
    CATEGORY.addHandler(recorder);
  }

  @AfterEach
  void leave() {
    CATEGORY.removeHandler(recorder);
  }

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
  void names_each_kind_of_bug_once() {
    bugs.add(new IllegalStateException("one"));
    bugs.add(new StackOverflowError("two"));
    bugs.add(new IllegalStateException("three"));
    refresh.refresh();
    refresh.refresh();
    refresh.refresh();
    assertThat(errors)
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
    assertThat(errors).isEmpty();
  }

  @Test
  void outlives_a_log_that_fails_as_well() {
    Handler broken = new Broken();
    CATEGORY.addHandler(broken);
    try {
      bugs.add(new OutOfMemoryError("bug"));
      refresh.refresh();
      assertThat(bugs).isEmpty();
    } finally {
      CATEGORY.removeHandler(broken);
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

  private final class Recorder extends Handler {
    @Override
    public void publish(LogRecord record) {
      if (record.getLevel().intValue() >= Level.SEVERE.intValue()) {
        errors.add(new java.util.logging.SimpleFormatter().formatMessage(record));
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  private static final class Broken extends Handler {
    @Override
    public void publish(LogRecord record) {
      throw new OutOfMemoryError("log");
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
