package dev.tokenbroker.edges.console;

import dev.tokenbroker.edges.http.operator.LineOutput;
import dev.tokenbroker.edges.telemetry.ExchangeMeters;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeObserver;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.operate.changes.ChangeWatch;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** A console whose streams are written to nowhere; for benchmarks. For one thread. */
public final class WatchedConsole {

  /** A state of that many rules takes about 20 KB. */
  private static final int RULES = 100;

  private static final InstantSource CLOCK = InstantSource.system();

  private final ExchangeSample sample = new ExchangeSample();
  private final ExchangeMeters meters = new ExchangeMeters(new SimpleMeterRegistry());
  private final ExchangeSeconds seconds = new ExchangeSeconds(CLOCK);
  private final RuleHits hits;
  private final LiveStream stream;
  private final List<ChangeWatch> watches = new ArrayList<>();

  public WatchedConsole(Federation federation) {
    this.hits = new RuleHits(() -> Optional.of(federation));
    this.stream =
        new LiveStream(
            new LiveFeed(sample, seconds, WatchedConsole::state, Duration.ofSeconds(1)), CLOCK);
  }

  private static LiveLine state() {
    return LiveLine.of(
        Map.of(
            "event",
            "state",
            "rules",
            IntStream.range(0, RULES)
                .mapToObj(
                    at ->
                        Map.of(
                            "name",
                            "a-rule-" + at,
                            "issuer",
                            "github",
                            "target",
                            "payments-api",
                            "hits",
                            at,
                            "last_use_time",
                            CLOCK.instant().toString()))
                .toList()));
  }

  /** The meters, which a broker has without a console, too. */
  public ExchangeObserver meters() {
    return meters;
  }

  /** What the console adds to each exchange. */
  public List<ExchangeObserver> observers() {
    return List.of(hits, sample, seconds);
  }

  /** Opens that many streams, or ends all for zero. */
  public void watch(int streams) {
    watches.forEach(ChangeWatch::close);
    watches.clear();
    for (int at = 0; at < streams; at++) {
      ChangeWatch watch = new ChangeWatch();
      watches.add(watch);
      Thread.ofVirtual().start(() -> write(watch));
    }
  }

  private void write(ChangeWatch watch) {
    try {
      stream.write(List.of(), watch, new LineOutput(OutputStream.nullOutputStream()));
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
