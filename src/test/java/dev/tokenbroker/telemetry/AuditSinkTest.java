package dev.tokenbroker.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbroker.exchange.ExchangeRecord;
import dev.tokenbroker.exchange.Intent;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AuditSinkTest {

  private static final ExchangeRecord RECORD = Records.accepted(Intent.EXCHANGE);
  private static final String LINE = AuditLine.of(RECORD);

  @Test
  void a_caller_is_told_when_its_line_is_in_the_output_and_not_before() throws Exception {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    try (AuditSink sink = new AuditSink(output, 10)) {
      CompletableFuture<String> seen = new CompletableFuture<>();
      assertThat(sink.offer(RECORD, written -> seen.complete(written + " " + text(output))))
          .isTrue();
      assertThat(seen).isNotDone();
      sink.commit();
      assertThat(seen).isCompletedWithValue("true " + LINE + "\n");
    }
  }

  @Test
  void each_record_of_many_threads_is_written_once_and_in_the_order_of_its_thread()
      throws Exception {
    int threads = 8;
    int each = 5_000;
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    AtomicInteger told = new AtomicInteger();
    try (AuditSink sink = new AuditSink(output, threads * each)) {
      List<Thread> callers =
          IntStream.range(0, threads)
              .mapToObj(
                  thread ->
                      Thread.ofPlatform()
                          .start(
                              () -> {
                                for (int at = 0; at < each; at++) {
                                  sink.offer(
                                      named(thread + ":" + at),
                                      written -> told.addAndGet(written ? 1 : 0));
                                  if (at % 3 == 0) {
                                    sink.commit();
                                  }
                                }
                                sink.commit();
                              }))
              .toList();
      for (Thread caller : callers) {
        caller.join();
      }
      assertThat(told).as("before the sink is closed").hasValue(threads * each);
    }
    assertThat(told).hasValue(threads * each);
    List<String> lines = text(output).lines().toList();
    assertThat(lines).hasSize(threads * each);
    for (int thread = 0; thread < threads; thread++) {
      String own = thread + ":";
      assertThat(lines.stream().filter(line -> line.contains(member(own))).toList())
          .containsExactlyElementsOf(
              IntStream.range(0, each).mapToObj(at -> AuditLine.of(named(own + at))).toList());
    }
  }

  @Test
  void what_arrives_while_a_write_is_under_way_is_one_write_together() throws Exception {
    StallingOutput output = new StallingOutput();
    try (AuditSink sink = new AuditSink(output, 100)) {
      sink.offer(RECORD, written -> {});
      Thread stalled = Thread.ofPlatform().start(sink::commit);
      output.entered.await();
      for (int at = 0; at < 50; at++) {
        assertThat(sink.offer(RECORD, written -> {})).isTrue();
        sink.commit();
      }
      output.released.countDown();
      stalled.join();
    }
    assertThat(output.writes).containsExactly(LINE.length() + 1, 50 * (LINE.length() + 1));
  }

  @Test
  void an_output_that_stalls_makes_offers_refused_and_blocks_nobody() throws Exception {
    StallingOutput output = new StallingOutput();
    AtomicInteger told = new AtomicInteger();
    try (AuditSink sink = new AuditSink(output, 3)) {
      sink.offer(RECORD, written -> told.incrementAndGet());
      Thread stalled = Thread.ofPlatform().start(sink::commit);
      output.entered.await();
      List<Boolean> taken = new ArrayList<>();
      for (int at = 0; at < 5; at++) {
        taken.add(sink.offer(RECORD, written -> told.incrementAndGet()));
        sink.commit();
      }
      assertThat(taken).containsExactly(true, true, true, false, false);
      assertThat(told).hasValue(0);
      output.released.countDown();
      stalled.join();
      assertThat(told).hasValue(4);
    }
  }

  @Test
  void a_write_that_fails_loses_its_records_only_and_the_next_line_stands_alone() throws Exception {
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    AtomicBoolean full = new AtomicBoolean(true);
    OutputStream output =
        new OutputStream() {
          @Override
          public void write(int one) {
            throw new AssertionError("bytes come in pieces");
          }

          @Override
          public void write(byte[] bytes, int from, int count) throws IOException {
            if (full.get()) {
              written.write(bytes, from, 10);
              throw new IOException("No space left on device");
            }
            written.write(bytes, from, count);
          }
        };
    try (AuditSink sink = new AuditSink(output, 10)) {
      assertThat(ending(sink, RECORD)).isFalse();
      assertThat(ending(sink, RECORD)).isFalse();
      full.set(false);
      assertThat(ending(sink, RECORD)).isTrue();
    }
    assertThat(text(written).lines().toList().getLast()).isEqualTo(LINE);
  }

  @Test
  void a_receipt_that_throws_keeps_nobody_else_from_being_told() throws Exception {
    StallingOutput output = new StallingOutput();
    List<Integer> told = Collections.synchronizedList(new ArrayList<>());
    try (AuditSink sink = new AuditSink(output, 10)) {
      for (int at = 0; at < 3; at++) {
        int number = at;
        sink.offer(
            RECORD,
            written -> {
              told.add(number);
              throw new IllegalStateException("a bug of the caller's");
            });
      }
      output.released.countDown();
    }
    assertThat(told).containsExactly(0, 1, 2);
  }

  @Test
  void an_error_of_the_output_leaves_nobody_waiting() {
    OutputStream output =
        new OutputStream() {
          @Override
          public void write(int one) {
            throw new OutOfMemoryError("on purpose");
          }
        };
    List<Boolean> told = new ArrayList<>();
    AuditSink sink = new AuditSink(output, 10);
    sink.offer(RECORD, told::add);
    assertThatThrownBy(sink::commit).isInstanceOf(OutOfMemoryError.class);
    assertThat(told).containsExactly(false);
  }

  @Test
  void a_receipt_may_hand_over_and_commit_more() {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    List<String> told = new ArrayList<>();
    try (AuditSink sink = new AuditSink(output, 10)) {
      sink.offer(
          RECORD,
          first -> {
            sink.offer(RECORD, second -> told.add("second"));
            sink.commit();
            told.add("first");
          });
      sink.commit();
      assertThat(told).containsExactly("first", "second");
    }
    assertThat(text(output).lines()).containsExactly(LINE, LINE);
  }

  @Test
  void closing_writes_what_waits_and_takes_no_more() {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    AtomicInteger told = new AtomicInteger();
    AuditSink sink = new AuditSink(output, 1_000);
    for (int at = 0; at < 1_000; at++) {
      sink.offer(RECORD, written -> told.addAndGet(written ? 1 : 0));
    }
    sink.close();
    sink.close();
    assertThat(told).hasValue(1_000);
    assertThat(text(output).lines()).hasSize(1_000);
    assertThat(sink.offer(RECORD, written -> {})).isFalse();
  }

  private static boolean ending(AuditSink sink, ExchangeRecord record) throws Exception {
    CompletableFuture<Boolean> ending = new CompletableFuture<>();
    assertThat(sink.offer(record, ending::complete)).isTrue();
    sink.commit();
    return ending.get(10, TimeUnit.SECONDS);
  }

  private static ExchangeRecord named(String subject) {
    return Records.refusedFor(
        "github", subject, Refusal.of(RefusalReason.AUDIENCE_MISMATCH).seen("x"));
  }

  private static String member(String prefix) {
    return "\"credential_sub\":\"" + prefix;
  }

  private static String text(ByteArrayOutputStream output) {
    return output.toString(StandardCharsets.US_ASCII);
  }

  /** Lets nothing through until it is released, and notes how many bytes each write has. */
  private static final class StallingOutput extends OutputStream {

    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);
    private final List<Integer> writes = Collections.synchronizedList(new ArrayList<>());

    @Override
    public void write(int one) {
      throw new AssertionError("bytes come in pieces");
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
      entered.countDown();
      try {
        released.await();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      writes.add(count);
    }
  }
}
