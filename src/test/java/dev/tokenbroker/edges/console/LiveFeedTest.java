package dev.tokenbroker.edges.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.http.operator.LineOutput;
import dev.tokenbroker.operate.changes.ChangeWatch;
import dev.tokenbroker.process.runtime.TestClock;
import dev.tokenbroker.process.runtime.Unchecked;
import jakarta.enterprise.event.Shutdown;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LiveFeedTest {

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration SECOND = Duration.ofMillis(40);

  private final TestClock clock = new TestClock();
  private final ExchangeSample sample = new ExchangeSample();
  private final AtomicInteger states = new AtomicInteger();
  private final LiveFeed feed =
      feed(() -> LiveLine.of(Map.of("event", "state", "number", states.incrementAndGet())));

  private LiveFeed feed(Supplier<LiveLine> state) {
    return new LiveFeed(sample, new ExchangeSeconds(clock), state, SECOND);
  }

  @AfterEach
  void stop() {
    feed.stop(new Shutdown());
  }

  /** Reads until a line has that text; fails if the stream ends before. */
  private static void read(LiveReader reader, ChangeWatch watch, String text) throws Exception {
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    while (!written.toString(StandardCharsets.UTF_8).contains(text)) {
      assertThat(watch.isClosed()).as("the stream has ended").isFalse();
      watch.next(PATIENCE);
      reader.writeNews(new LineOutput(written));
    }
  }

  @Test
  void each_stream_gets_the_state_and_the_seconds() throws Exception {
    ChangeWatch first = new ChangeWatch();
    ChangeWatch second = new ChangeWatch();
    try (LiveReader one = feed.open(first);
        LiveReader other = feed.open(second)) {
      read(one, first, "\"state\"");
      read(one, first, "\"second\"");
      read(other, second, "\"second\"");
    }
  }

  @Test
  void a_stream_that_comes_later_gets_a_state_of_its_time() throws Exception {
    ChangeWatch first = new ChangeWatch();
    try (LiveReader one = feed.open(first)) {
      read(one, first, "\"state\"");
    }
    int before = states.get();
    ChangeWatch later = new ChangeWatch();
    try (LiveReader other = feed.open(later)) {
      read(other, later, "\"number\":" + (before + 1));
    }
  }

  @Test
  void collects_exchanges_from_the_first_stream_to_the_last() throws Exception {
    ChangeWatch first = new ChangeWatch();
    ChangeWatch second = new ChangeWatch();
    LiveReader one = feed.open(first);
    LiveReader other = feed.open(second);
    read(one, first, "\"state\"");
    one.close();
    sample.ended(LiveRecords.accepted("a"));
    read(other, second, "\"exchange\"");
    other.close();

    sample.ended(LiveRecords.accepted("a"));

    assertThat(sample.taken()).isEmpty();
  }

  @Test
  void a_bug_ends_the_streams_instead_of_showing_an_old_state() throws Exception {
    LiveFeed broken = feed(() -> Unchecked.raise(new IllegalStateException("a bug")));
    ChangeWatch watch = new ChangeWatch();
    try (LiveReader _ = broken.open(watch)) {
      while (!watch.isClosed()) {
        watch.next(PATIENCE);
      }
    } finally {
      broken.stop(new Shutdown());
    }
    assertThat(watch.isClosed()).isTrue();
  }

  @Test
  void a_feed_whose_streams_a_bug_has_ended_serves_the_next_one() throws Exception {
    AtomicInteger looks = new AtomicInteger();
    LiveFeed mended =
        feed(
            () -> {
              if (looks.incrementAndGet() == 1) {
                throw new IllegalStateException("a bug");
              }
              return LiveLine.of(Map.of("event", "state"));
            });
    ChangeWatch ended = new ChangeWatch();
    ChangeWatch next = new ChangeWatch();
    try (LiveReader _ = mended.open(ended)) {
      while (!ended.isClosed()) {
        ended.next(PATIENCE);
      }
      try (LiveReader reader = mended.open(next)) {
        read(reader, next, "\"state\"");
        read(reader, next, "\"second\"");
      }
    } finally {
      mended.stop(new Shutdown());
    }
  }

  @Test
  void no_stream_begins_once_the_broker_has_stopped() {
    feed.stop(new Shutdown());
    ChangeWatch watch = new ChangeWatch();
    try (LiveReader _ = feed.open(watch)) {
      assertThat(watch.isClosed()).isTrue();
    }
  }

  @Test
  void a_stream_ends_with_the_right_of_its_operator() throws Exception {
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    ChangeWatch watch = new ChangeWatch();
    watch.belongTo("somebody", Duration.ofMillis(1), () -> false);

    new LiveStream(feed, clock).write(List.of(), watch, new LineOutput(written));

    assertThat(written.toString(StandardCharsets.UTF_8))
        .startsWith("{\"event\":\"hello\",\"time\":\"2026-11-24T12:00:00Z\",");
  }

  @Test
  void a_stream_whose_reader_has_gone_leaves_the_feed() throws Exception {
    OutputStream gone =
        new OutputStream() {
          @Override
          public void write(int one) throws IOException {
            throw new IOException("closed");
          }
        };
    ChangeWatch watch = new ChangeWatch();
    LiveReader reader = feed.open(watch);
    read(reader, watch, "\"state\"");
    try (reader) {
      LineOutput closed = new LineOutput(gone);
      boolean failed = false;
      while (!failed) {
        watch.next(PATIENCE);
        try {
          reader.writeNews(closed);
        } catch (IOException _) {
          failed = true;
        }
      }
    }
    sample.ended(LiveRecords.accepted("a"));
    assertThat(sample.taken()).isEmpty();
  }
}
