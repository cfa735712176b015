package dev.tokenbroker.edges.telemetry;

import dev.tokenbroker.base.text.SettingLimits;
import dev.tokenbroker.base.text.SettingLimits.UnfitSetting;
import dev.tokenbroker.base.time.Rounds;
import dev.tokenbroker.evaluate.exchange.ExchangeSettings;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeObserver;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRecord;
import dev.tokenbroker.evaluate.revocation.LifecycleObserver;
import dev.tokenbroker.evaluate.revocation.LifecycleObserver.RevocationRecord;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Shutdown;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jboss.logging.Logger;

/**
 * Writes exactly one line for each evaluation and for each call that revokes a token, before its
 * response is sent; {@link UnverifiedRefusals} are counted beyond a rate. The line is the JSON
 * object and nothing else. It goes to standard output, or to the log category {@value #CATEGORY} at
 * INFO.
 *
 * <p>The evaluating thread formats the line. {@link GroupCommit} writes it together with other
 * waiting lines, so no event loop waits for it. The broker grants nothing that it cannot record.
 *
 * <p>With the log category, the handlers get a line before the response is sent. A synchronous
 * handler has then tried to write it; this class does not notice what a handler loses. The broker
 * does not start if the category takes no lines at INFO. If its level is raised later, each record
 * fails instead of being dropped.
 */
@Singleton
public final class AuditLog implements ExchangeObserver, LifecycleObserver {

  /** The log category; route it to a handler of its own, with a format of just the message. */
  public static final String CATEGORY = "dev.tokenbroker.audit";

  private static final Duration COUNTED_EVERY = Duration.ofSeconds(1);
  private static final Logger AUDIT = Logger.getLogger(CATEGORY);

  private final GroupCommit lines;
  private final InstantSource clock;
  private final UnverifiedRefusals unverified = new UnverifiedRefusals();
  private final Rounds rounds =
      new Rounds(AuditLog.class, "audit-counts", "Counted refusals could not be recorded");

  @Inject
  AuditLog(AuditSettings settings, ExchangeSettings exchange, InstantSource clock) {
    this(lines(settings.to(), exchange.maxDuration()), clock);
  }

  AuditLog(GroupCommit lines, InstantSource clock) {
    this.lines = lines;
    this.clock = clock;
  }

  void start(@Observes Startup event) {
    rounds.begin(COUNTED_EVERY, this::writeCounted);
  }

  /** Writes a line for each address whose refusals were counted since the last call. */
  void writeCounted() {
    unverified.write(clock.instant(), lines::write);
  }

  /**
   * Audit must not be switched off: operators must be able to find out which tokens were issued.
   */
  public static List<UnfitSetting> unfit(AuditSettings settings) {
    return new SettingLimits("quarkus.log.category.")
        .demand(
            settings.to() == AuditSettings.Destination.STDOUT || AUDIT.isInfoEnabled(),
            "\"" + CATEGORY + "\".level",
            "is above INFO, so that exchanges would leave no record.",
            "Set it to INFO; to have the lines elsewhere, change the category's handlers.")
        .unfit();
  }

  /**
   * @param patience how long a record waits to be written before its evaluation is refused
   */
  private static GroupCommit lines(AuditSettings.Destination to, Duration patience) {
    return switch (to) {
      case STDOUT ->
          new GroupCommit(
              "Standard output",
              new AuditStream(new FileOutputStream(FileDescriptor.out))::write,
              patience);
      case LOG -> new GroupCommit("The log category " + CATEGORY, AuditLog::log, patience);
    };
  }

  @Override
  public CompletionStage<Void> keep(ExchangeRecord record) {
    return unverified.counts(record)
        ? CompletableFuture.completedStage(null)
        : lines.write(AuditLine.line(record));
  }

  /** Does nothing: {@link #keep} has written the record. */
  @Override
  public void ended(ExchangeRecord record) {}

  /** Waits until the record is written. */
  @Override
  public void revocation(RevocationRecord record) {
    writeNow(RevocationLine.of(record));
  }

  private void writeNow(byte[] line) {
    try {
      lines.write(line).toCompletableFuture().join();
    } catch (CompletionException failure) {
      throw failure.getCause() instanceof RuntimeException why ? why : failure;
    }
  }

  /** Whether records can be written, as far as is known. */
  boolean isWriting() {
    return lines.isWriting();
  }

  /** The name of the place where records are written. */
  String destination() {
    return lines.name();
  }

  void stop(@Observes Shutdown event) {
    rounds.finish(COUNTED_EVERY);
    rounds.run(this::writeCounted);
    lines.close();
  }

  private static void log(byte[] lines) {
    if (!AUDIT.isInfoEnabled()) {
      throw new IllegalStateException(CATEGORY + " takes no lines at INFO");
    }
    new String(lines, StandardCharsets.US_ASCII).lines().forEach(AUDIT::info);
  }
}
