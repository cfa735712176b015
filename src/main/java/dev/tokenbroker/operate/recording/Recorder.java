package dev.tokenbroker.operate.recording;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.tokenbroker.base.files.LineFile;
import dev.tokenbroker.base.text.SettingLimits;
import dev.tokenbroker.base.text.SettingLimits.UnfitSetting;
import dev.tokenbroker.base.text.StateLog;
import dev.tokenbroker.base.time.Rounds;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeObserver;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRecord;
import dev.tokenbroker.evaluate.exchange.evaluation.Intent;
import dev.tokenbroker.evaluate.exchange.evaluation.Judged;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.operate.cases.ExpectationReader;
import dev.tokenbroker.operate.recording.RecordedRequest.Ending;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Shutdown;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Records judged requests for replay, in memory and in a file if the settings name one; off by
 * default. An exchange never waits for the recorder. It puts the request into a queue; the
 * recording thread chooses claims, and writes the file. If the queue is full, the request counts as
 * lost. A request that gets a held token only increases a count.
 */
@Singleton
public final class Recorder implements ExchangeObserver {

  private static final Logger LOG = Logger.getLogger(Recorder.class);
  private static final String FAILING = "The recording cannot be written; exchanges go on: ";
  private static final int QUEUE = 4_096;
  private static final int MOST_HELD = 100_000;
  private static final long MEBIBYTE = 1L << 20;
  private static final Duration DRAIN = Duration.ofMillis(100);
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration MONTH = Duration.ofDays(30);

  private final RecordingSettings settings;
  private final Supplier<Optional<Federation>> federation;
  private final InstantSource clock;
  private final RecordedClaims claims;
  private final BlockingQueue<ExchangeRecord> queue = new ArrayBlockingQueue<>(QUEUE);
  private final LongAdder lost = new LongAdder();

  /** The count of the request behind each held token, by credential, target, scopes and client. */
  private final Cache<String, Sample.Tally> held =
      Caffeine.newBuilder().maximumSize(MOST_HELD).executor(Runnable::run).build();

  /** Each write replaces the whole file, so a reader never sees a partial one. */
  private final @Nullable LineFile file;

  /** Replaced on the recording thread only. */
  private volatile Sample sample;

  /** Only the recording thread uses it. */
  private Instant written;

  private final StateLog states = new StateLog(Recorder.class);

  /** Whether a request was judged after the last write of the file. */
  private volatile boolean changed;

  private final Rounds rounds = new Rounds(Recorder.class, "recording", "The recording failed");

  /** The state for meters. */
  public record Status(int requests, long notKept, long lost) {}

  private volatile Status status = new Status(0, 0, 0);

  @Inject
  Recorder(RecordingSettings settings, Federations federations, InstantSource clock) {
    this(settings, federations::current, clock);
  }

  Recorder(
      RecordingSettings settings, Supplier<Optional<Federation>> federation, InstantSource clock) {
    this.settings = settings;
    this.federation = federation;
    this.clock = clock;
    this.claims = new RecordedClaims(settings);
    this.file = settings.path().map(LineFile::new).orElse(null);
    this.written = clock.instant();
    this.sample = sample(written);
  }

  private Sample sample(Instant began) {
    return new Sample(settings, began, ThreadLocalRandom.current());
  }

  /** Starts the recording, if it is enabled. An earlier file gets another name. */
  void start(@Observes Startup event) {
    if (!settings.enabled()) {
      return;
    }
    LineFile earlier = file;
    if (earlier != null) {
      rounds.once(
          () -> {
            attempt(() -> earlier.rotate(settings.keepFiles()));
          });
    }
    rounds.begin(DRAIN, this::drain);
    LOG.infof(
        "Judged requests are recorded, with the claims that rules read, in %s",
        settings.path().map(Path::toString).orElse("memory"));
  }

  void stop(@Observes Shutdown event) {
    stop(SECOND);
  }

  /** Writes all that was recorded, and waits for it at most so long: a disk may hang. */
  void stop(Duration most) {
    if (settings.enabled()) {
      rounds.once(this::drain);
      rounds.once(() -> save(clock.instant()));
    }
    rounds.finish(most);
  }

  /** Returns the settings that prevent the start of the broker; empty if all are valid. */
  public static List<UnfitSetting> unfit(RecordingSettings settings) {
    return new SettingLimits("token-broker.recording.")
        .within("max-requests", settings.maxRequests(), 100, 1_000_000)
        .within("max-per-rule", settings.maxPerRule(), 10, 100_000)
        .within("max-bytes", settings.maxBytes(), MEBIBYTE, 1_024 * MEBIBYTE)
        .within("write-interval", settings.writeInterval(), SECOND, SECOND.multipliedBy(3_600))
        .within("rotate-after", settings.rotateAfter(), SECOND.multipliedBy(60), MONTH)
        .within("keep-files", settings.keepFiles(), 0, 100)
        .demand(
            settings.enabled() || settings.path().isEmpty(),
            "path",
            "is set, but nothing is recorded.",
            "Set token-broker.recording.enabled to true, or remove the path.")
        .unfit();
  }

  public Status status() {
    return status;
  }

  public boolean isEnabled() {
    return settings.enabled();
  }

  /** Writes the recording of this moment, in the form of the file. Any thread may call it. */
  public void write(OutputStream output) throws IOException {
    write(output, clock.instant());
  }

  private void write(OutputStream output, Instant now) throws IOException {
    RecordingFile.write(output, sample, lost.sum(), now);
  }

  @Override
  public void ended(ExchangeRecord record) {
    Judged judged = record.judged();
    if (!settings.enabled() || judged == null || record.verdict().intent() != Intent.EXCHANGE) {
      return;
    }
    changed = true;
    boolean counted = record.endedAtCache() && isCounted(record, judged);
    if (!counted && !queue.offer(record)) {
      lost.increment();
    }
  }

  /** Counts a request whose token was held, if the request behind the token is kept. */
  private boolean isCounted(ExchangeRecord record, Judged judged) {
    Sample.Tally seen = held.getIfPresent(heldKey(record, judged));
    return seen != null && seen.again(record.verdict().evaluationTime());
  }

  private static String heldKey(ExchangeRecord record, Judged judged) {
    return record.credentialDigest()
        + ' '
        + record.verdict().target()
        + ' '
        + (judged.scopes().isEmpty() ? "" : judged.scopes().stream().sorted().distinct().toList())
        + Objects.requireNonNullElse(judged.client(), "");
  }

  // --- on the recording thread

  private void drain() {
    List<ExchangeRecord> records = new ArrayList<>();
    var _ = queue.drainTo(records);
    federation.get().ifPresent(current -> records.forEach(record -> take(record, current)));
    Instant now = clock.instant();
    if (!now.isBefore(written.plus(settings.writeInterval()))) {
      save(now);
    }
    status = new Status(sample.size(), sample.notKept(), lost.sum());
  }

  private void take(ExchangeRecord record, Federation current) {
    if (!rounds.part(() -> add(record, current))) {
      lost.increment();
    }
  }

  private void add(ExchangeRecord record, Federation current) {
    Judged judged = record.judged();
    if (judged == null) {
      return;
    }
    Verdict verdict = record.verdict();
    if (record.endedAtCache()) {
      if (!isCounted(record, judged)) {
        lost.increment();
      }
      return;
    }
    if (judged.grant() == null && !ExpectationReader.REASONS.contains(verdict.reason())) {
      lost.increment(); // a bug ended it, so the rules did not decide
      return;
    }
    RecordedRequest request = claims.of(judged, verdict.target(), current);
    String reason =
        judged.grant() != null || verdict.reason() == null ? null : verdict.reason().name();
    Ending ending = new Ending(verdict.rule(), reason, verdict.federationRevision());
    Sample.Tally seen = sample.add(request, ending, verdict.evaluationTime());
    if (seen != null && judged.grant() != null) {
      held.put(heldKey(record, judged), seen);
    }
  }

  private void save(Instant now) {
    written = now;
    LineFile target = file;
    if (target != null && changed) {
      changed = false;
      if (!attempt(() -> target.replace(output -> write(output, now)))) {
        changed = true; // it is tried again, and nothing is thrown away meanwhile
        return;
      }
    }
    if (now.isAfter(sample.began().plus(settings.rotateAfter()))
        && (target == null || attempt(() -> target.rotate(settings.keepFiles())))) {
      held.invalidateAll();
      sample = sample(now);
    }
  }

  /** An operation on files. */
  private interface Work {
    void run() throws IOException;
  }

  /** Logs the first of a series of failures, and the end of the series; false for a failure. */
  private boolean attempt(Work work) {
    try {
      work.run();
      states.ends("", () -> "The recording is written again");
      return true;
    } catch (IOException | RuntimeException broken) {
      states.begins("", "", () -> FAILING + broken);
      return false;
    }
  }
}
