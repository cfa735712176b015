package dev.tokenbroker.telemetry;

import dev.tokenbroker.exchange.ExchangeObserver;
import dev.tokenbroker.exchange.ExchangeRecord;
import dev.tokenbroker.exchange.ExchangeSettings;
import dev.tokenbroker.lifecycle.LifecycleObserver;
import dev.tokenbroker.lifecycle.RevocationRecord;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Shutdown;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jboss.logging.Logger;

/**
 * Writes exactly one line for each evaluation, and for each call that revokes a token, before its
 * answer is sent: to standard output, or to the log category {@value #CATEGORY} at INFO. The line
 * is the JSON object and nothing else.
 *
 * <p>The line is made on the thread that evaluates, and written by {@link GroupCommit}, together
 * with the others that wait; no event loop waits for it. What is not recorded is not granted.
 *
 * <p>With the log category, a line is handed to the handlers before the answer is sent; one that is
 * not asynchronous has then tried to write it, and what it loses is not noticed here. The start is
 * refused where the category takes no lines at INFO. Should its level be raised later, each record
 * fails rather than be dropped.
 */
@Singleton
public final class AuditLog implements ExchangeObserver, LifecycleObserver {

  /** The log category; route it to a handler of its own, with a format of just the message. */
  public static final String CATEGORY = "dev.tokenbroker.audit";

  private static final Logger AUDIT = Logger.getLogger(CATEGORY);

  private final GroupCommit lines;

  @Inject
  AuditLog(AuditSettings settings, ExchangeSettings exchange) {
    this(lines(settings.to(), exchange.maxDuration()));
  }

  AuditLog(GroupCommit lines) {
    this.lines = lines;
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
    return lines.write(AuditLine.line(record));
  }

  /** Nothing: its record was written before. */
  @Override
  public void ended(ExchangeRecord record) {}

  /** Waits until the record is written. */
  @Override
  public void revocation(RevocationRecord record) {
    try {
      lines.write(RevocationLine.of(record)).toCompletableFuture().join();
    } catch (CompletionException failure) {
      throw failure.getCause() instanceof RuntimeException why ? why : failure;
    }
  }

  /** Whether records are being written, or could be. */
  boolean isWriting() {
    return !lines.isStalled();
  }

  void stop(@Observes Shutdown event) {
    lines.close();
  }

  private static void log(byte[] lines) {
    if (!AUDIT.isInfoEnabled()) {
      throw new IllegalStateException(CATEGORY + " takes no lines at INFO");
    }
    new String(lines, StandardCharsets.US_ASCII).lines().forEach(AUDIT::info);
  }
}
