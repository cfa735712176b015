package dev.tokenbroker.edges.console;

import dev.tokenbroker.base.text.BugReport;
import dev.tokenbroker.operate.changes.ChangeWatch;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Shutdown;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Makes the lines that all streams share: each line once, on one thread, and only while there is a
 * stream. An exchange only leaves its record in the {@link ExchangeSample}.
 *
 * <p>Safe for use by several threads: one lock guards the streams, and nobody does I/O under it.
 */
@Singleton
final class LiveFeed {

  static final Duration SAMPLE_EVERY = Duration.ofMillis(200);
  static final Duration SECOND = Duration.ofSeconds(1);
  static final Duration STATE_EVERY = Duration.ofSeconds(2);

  private static final Logger LOG = Logger.getLogger(LiveFeed.class);

  private final ExchangeSample sample;
  private final ExchangeSeconds seconds;
  private final Supplier<LiveLine> state;
  private final Duration second;
  private final LiveLines lines = new LiveLines();
  private final List<ChangeWatch> streams = new ArrayList<>(); // guarded by this
  private final List<ScheduledFuture<?>> tasks = new ArrayList<>(); // guarded by this
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("console").factory());

  @Inject
  LiveFeed(ExchangeSample sample, ExchangeSeconds seconds, LiveState state) {
    this(sample, seconds, state::line, SECOND);
  }

  /**
   * A feed with another state, for tests.
   *
   * @param state makes the line of the present state
   * @param second the time between two lines that count
   */
  LiveFeed(
      ExchangeSample sample, ExchangeSeconds seconds, Supplier<LiveLine> state, Duration second) {
    this.sample = sample;
    this.seconds = seconds;
    this.state = state;
    this.second = second;
  }

  /**
   * Adds a stream, which soon gets the state.
   *
   * @param watch is woken for each line, until the reader is closed
   */
  synchronized LiveReader open(ChangeWatch watch) {
    LiveReader reader = new LiveReader(lines, () -> leave(watch));
    if (thread.isShutdown()) {
      watch.close();
      return reader;
    }
    if (streams.isEmpty()) {
      begin();
    }
    streams.add(watch);
    thread.execute(() -> run(this::showState));
    return reader;
  }

  private void begin() {
    thread.execute(() -> run(this::beginSecond));
    every(SAMPLE_EVERY, this::showSample);
    every(second, this::endSecond);
    every(STATE_EVERY, this::showState);
  }

  private void every(Duration interval, Runnable work) {
    long nanos = interval.toNanos();
    tasks.add(thread.scheduleAtFixedRate(() -> run(work), nanos, nanos, TimeUnit.NANOSECONDS));
  }

  // The stream that it began for may have ended meanwhile.
  private synchronized void beginSecond() {
    if (!streams.isEmpty()) {
      seconds.begin();
      sample.begin();
    }
  }

  private void showState() {
    lines.state(state.get());
  }

  private void showSample() {
    sample.taken().forEach(lines::add);
  }

  private void endSecond() {
    showSample();
    lines.add(seconds.next(sample.nextSecond()));
  }

  /** A bug ends all streams, so that a page does not show an old state as the present one. */
  private void run(Runnable work) {
    try {
      work.run();
      wake();
    } catch (RuntimeException | Error bug) {
      LOG.errorf("The streams of the console end because of a bug: %s", BugReport.of(bug));
      endAll();
    }
  }

  private synchronized void wake() {
    streams.forEach(ChangeWatch::wake);
  }

  private synchronized void endAll() {
    streams.forEach(ChangeWatch::close);
    streams.clear();
    end();
  }

  private synchronized void leave(ChangeWatch watch) {
    if (streams.removeIf(each -> each == watch) && streams.isEmpty()) {
      end();
    }
  }

  private void end() {
    tasks.forEach(task -> task.cancel(false));
    tasks.clear();
    sample.end();
    seconds.end();
  }

  synchronized void stop(@Observes Shutdown event) {
    thread.shutdownNow();
  }
}
