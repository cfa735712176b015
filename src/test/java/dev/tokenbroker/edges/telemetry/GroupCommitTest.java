package dev.tokenbroker.edges.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tokenbroker.process.runtime.Latch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GroupCommitTest {

  private static final Logger CATEGORY = Logger.getLogger(GroupCommit.class.getName());
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Gate gate = new Gate();
  private final AtomicLong now = new AtomicLong();
  private final GroupCommit commit =
      new GroupCommit("The pipe", gate, PATIENCE, now::get, Duration.ofDays(1));
  private final Ears ears = new Ears();

  @BeforeEach
  void listen() {
    CATEGORY.addHandler(ears);
  }

  @AfterEach
  void leave() {
    gate.open();
    commit.close();
    CATEGORY.removeHandler(ears);
  }

  @Test
  void writes_all_lines_that_wait_at_once_and_in_their_order() {
    gate.shut();
    CompletableFuture<Void> first = write("1");
    gate.awaitWrite();
    List<CompletableFuture<Void>> others =
        IntStream.rangeClosed(2, 5).mapToObj(at -> write("" + at)).toList();

    gate.open();

    others.forEach(CompletableFuture::join);
    assertThat(first).isCompleted();
    assertThat(gate.written).containsExactly("1\n", "2\n3\n4\n5\n");
  }

  @Test
  void writes_no_more_lines_at_once_than_it_may() {
    gate.shut();
    CompletableFuture<Void> first = write("1");
    gate.awaitWrite();
    List<CompletableFuture<Void>> others =
        IntStream.range(0, GroupCommit.MOST_AT_ONCE + 1).mapToObj(_ -> write("x")).toList();

    gate.open();

    others.forEach(CompletableFuture::join);
    assertThat(first).isCompleted();
    assertThat(gate.written.stream().map(written -> written.lines().count()))
        .containsExactly(1L, (long) GroupCommit.MOST_AT_ONCE, 1L);
  }

  @Test
  void releases_nobody_before_the_write_has_ended() {
    gate.shut();
    CompletableFuture<Void> line = write("1");
    gate.awaitWrite();
    assertThat(line).isNotDone();

    gate.open();

    line.join();
    assertThat(gate.written).containsExactly("1\n");
  }

  @Test
  void a_failure_fails_the_lines_of_that_write_and_no_others() {
    gate.shut();
    CompletableFuture<Void> failed = write("1");
    gate.awaitWrite();
    CompletableFuture<Void> next = write("2");

    gate.failures.set(1);
    gate.open();

    assertThatExceptionOfType(CompletionException.class)
        .isThrownBy(failed::join)
        .withCauseInstanceOf(UncheckedIOException.class);
    next.join();
    assertThat(gate.written).containsExactly("2\n");
  }

  @Test
  void a_bug_of_what_writes_reaches_those_who_wait_as_it_is() {
    gate.bug = new IllegalStateException("bug");

    assertThatExceptionOfType(CompletionException.class)
        .isThrownBy(() -> write("1").join())
        .withCauseInstanceOf(IllegalStateException.class);
    assertThat(messages()).isEmpty();
  }

  @Test
  void logs_each_time_of_trouble_once_and_its_end() {
    for (int time = 0; time < 2; time++) {
      gate.failures.set(3);
      for (int at = 0; at < 3; at++) {
        assertThat(write("x").handle((_, failure) -> failure).join()).isNotNull();
      }
      write("x").join();
      write("x").join();
    }

    String broken =
        "The pipe takes no audit records, so exchanges are refused:"
            + " java.io.IOException: No space left on device";
    String mended = "The pipe takes audit records again";
    assertThat(messages()).containsExactly(broken, mended, broken, mended);
  }

  @Test
  void a_write_that_takes_a_second_is_a_stall_until_it_ends() {
    gate.shut();
    CompletableFuture<Void> line = write("1");
    gate.awaitWrite();
    pass(Duration.ofMillis(GroupCommit.STALL_MILLIS - 1));
    commit.watch();
    assertThat(commit.isWriting()).isTrue();

    pass(Duration.ofMillis(1));
    commit.watch();
    commit.watch();
    assertThat(commit.isWriting()).isFalse();
    assertThat(line).isNotDone();

    gate.open();
    line.join();
    commit.watch();
    assertThat(commit.isWriting()).isTrue();
    assertThat(messages())
        .containsExactly(
            "The pipe has not taken an audit record for 1000 ms: the broker is not ready, and calls"
                + " wait. Look at the process that reads it.",
            "The pipe takes audit records again");
  }

  @Test
  void does_not_report_a_stall_that_ends_in_a_failure_as_recovered() {
    gate.shut();
    CompletableFuture<Void> line = write("1");
    gate.awaitWrite();
    pass(Duration.ofMillis(GroupCommit.STALL_MILLIS));
    commit.watch();

    gate.failures.set(1);
    gate.open();

    assertThat(line.handle((_, failure) -> failure).join()).isNotNull();
    assertThat(commit.isWriting()).isFalse();
    assertThat(messages())
        .satisfiesExactly(
            stalled -> assertThat(stalled).contains("has not taken an audit record"),
            broken -> assertThat(broken).contains("takes no audit records"));
  }

  /** A broker that is not ready gets no calls by which it could find that it can write again. */
  @Test
  void a_failed_write_counts_for_ten_seconds_or_until_one_succeeds() {
    gate.failures.set(2);
    assertThat(write("1").handle((_, failure) -> failure).join()).isNotNull();
    pass(Duration.ofSeconds(GroupCommit.FAILED_SECONDS));
    assertThat(commit.isWriting()).isFalse();
    pass(Duration.ofNanos(1));
    assertThat(commit.isWriting()).isTrue();

    assertThat(write("2").handle((_, failure) -> failure).join()).isNotNull();
    assertThat(commit.isWriting()).isFalse();
    write("3").join();
    assertThat(commit.isWriting()).isTrue();
  }

  @Test
  void watches_for_a_stall_by_itself() {
    gate.shut();
    try (GroupCommit watched =
        new GroupCommit("The pipe", gate, PATIENCE, now::get, Duration.ofMillis(1))) {
      var line = watched.write(bytes("1")).toCompletableFuture();
      gate.awaitWrite();
      pass(PATIENCE.plusNanos(1));

      assertThat(line.handle((_, failure) -> failure).join())
          .isInstanceOf(UncheckedIOException.class);
      assertThat(watched.isWriting()).isFalse();
      gate.open();
    }
  }

  @Test
  void in_a_stall_a_line_waits_for_the_patience_and_no_longer() {
    gate.shut();
    CompletableFuture<Void> stalled = write("1");
    gate.awaitWrite();
    CompletableFuture<Void> behind = write("2");
    pass(PATIENCE);
    CompletableFuture<Void> later = write("3");
    commit.watch();
    assertThat(List.of(stalled, behind, later)).allSatisfy(line -> assertThat(line).isNotDone());

    pass(Duration.ofNanos(1));
    commit.watch();

    assertThat(stalled).isCompletedExceptionally();
    assertThat(behind).isCompletedExceptionally();
    gate.open();
    later.join();
    assertThat(gate.written).containsExactly("1\n", "3\n");
  }

  @Test
  void refuses_one_line_more_than_may_wait() {
    gate.shut();
    List<CompletableFuture<Void>> lines = new ArrayList<>(List.of(write("x")));
    gate.awaitWrite();
    IntStream.range(0, GroupCommit.MOST).forEach(_ -> lines.add(write("x")));
    assertThat(lines).noneMatch(CompletableFuture::isDone);

    assertThatExceptionOfType(CompletionException.class)
        .isThrownBy(() -> write("x").join())
        .withCauseInstanceOf(RejectedExecutionException.class);

    gate.open();
    lines.forEach(CompletableFuture::join);
  }

  @Test
  void close_writes_what_waits_and_refuses_what_comes_after() {
    gate.shut();
    CompletableFuture<Void> first = write("1");
    gate.awaitWrite();
    CompletableFuture<Void> second = write("2");
    gate.open();

    commit.close();

    assertThat(first).isCompleted();
    assertThat(second).isCompleted();
    assertThat(write("3")).isCompletedExceptionally();
    assertThat(String.join("", gate.written)).isEqualTo("1\n2\n");
  }

  @Test
  void goes_on_while_the_log_blocks_since_nobody_reads_it_either() {
    ears.blocked = new Latch(1);
    gate.shut();
    CompletableFuture<Void> stalled = write("1");
    gate.awaitWrite();
    pass(Duration.ofMillis(GroupCommit.STALL_MILLIS));
    commit.watch();
    assertThat(commit.isWriting()).isFalse();

    pass(PATIENCE);
    commit.watch();

    assertThat(stalled).isCompletedExceptionally();
    gate.open();
    write("2").join();
    assertThat(commit.isWriting()).isTrue();
    ears.blocked.countDown();
    assertThat(messages()).hasSize(2);
  }

  /** All that it has logged until it was closed. */
  private List<String> messages() {
    commit.close();
    return ears.messages;
  }

  @Test
  void close_does_not_wait_for_a_stalled_write_which_may_end_later() {
    gate.shut();
    CompletableFuture<Void> stalled = write("1");
    gate.awaitWrite();
    pass(Duration.ofMillis(GroupCommit.STALL_MILLIS));
    commit.watch();

    commit.close();

    assertThat(stalled).isNotDone();
    gate.open();
    stalled.join();
  }

  private CompletableFuture<Void> write(String line) {
    return commit.write(bytes(line)).toCompletableFuture();
  }

  private static byte[] bytes(String line) {
    return (line + "\n").getBytes(StandardCharsets.US_ASCII);
  }

  private void pass(Duration time) {
    now.addAndGet(time.toNanos());
  }

  /** Notes what is written; while it is shut, a write begins and does not end. */
  private static final class Gate implements GroupCommit.Sink {

    private final List<String> written = Collections.synchronizedList(new ArrayList<>());
    private final Latch begun = new Latch(1);
    private volatile Latch way = new Latch(0);
    private final AtomicInteger failures = new AtomicInteger();
    private volatile @Nullable RuntimeException bug;

    @Override
    public void write(byte[] lines) throws IOException {
      begun.countDown();
      way.await();
      RuntimeException wrong = bug;
      if (wrong != null) {
        throw wrong;
      }
      if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
        throw new IOException("No space left on device");
      }
      written.add(new String(lines, StandardCharsets.US_ASCII));
    }

    void shut() {
      way = new Latch(1);
    }

    void awaitWrite() {
      begun.await();
    }

    void open() {
      way.countDown();
    }
  }

  private static final class Ears extends Handler {
    private final List<String> messages = Collections.synchronizedList(new ArrayList<>());
    private volatile Latch blocked = new Latch(0);

    @Override
    public void publish(LogRecord record) {
      blocked.await();
      messages.add(new SimpleFormatter().formatMessage(record));
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
