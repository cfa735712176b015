package dev.tokenbroker.telemetry;

import dev.tokenbroker.exchange.ExchangeObserver;
import dev.tokenbroker.exchange.ExchangeRecord;
import dev.tokenbroker.lifecycle.LifecycleObserver;
import dev.tokenbroker.lifecycle.RevocationRecord;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/**
 * Writes exactly one line for each evaluation, and for each call that revokes a token, before its
 * answer is sent: to standard output, or to the log category {@value #CATEGORY} at INFO. The line
 * is the JSON object and nothing else.
 *
 * <p>Standard output is written to on the thread that answers, those lines together that end
 * together. That thread is an event loop as a rule, and where standard output stalls, it stalls,
 * and with it the calls of its connections: what cannot be recorded is not answered. A thread
 * between was tried; waking it for each turn costs more than the write.
 *
 * <p>With the log category, a line is handed to the handlers before the answer is sent; one that is
 * not asynchronous has then tried to write it, and what it loses is not noticed here. The start is
 * refused where the category takes no lines at INFO. Should its level be raised later, each record
 * fails rather than be dropped, so that nothing is issued unrecorded.
 */
@Singleton
public final class AuditLog implements ExchangeObserver, LifecycleObserver {

  /** The log category; route it to a handler of its own, with a format of just the message. */
  public static final String CATEGORY = "dev.tokenbroker.audit";

  private static final Logger AUDIT = Logger.getLogger(CATEGORY);
  private static final Logger LOG = Logger.getLogger(AuditLog.class);

  private final AuditSettings.Destination to;
  private final AuditStream stream;
  private final AtomicBoolean failing = new AtomicBoolean();

  @Inject
  public AuditLog(AuditSettings settings) {
    this(settings.to(), new FileOutputStream(FileDescriptor.out));
  }

  AuditLog(AuditSettings.Destination to, OutputStream standardOutput) {
    this.to = to;
    this.stream = new AuditStream(standardOutput);
  }

  /** Nothing: its record was written before. */
  @Override
  public void ended(ExchangeRecord record) {}

  @Override
  public void keep(List<ExchangeRecord> records) {
    switch (to) {
      case STDOUT -> write(AuditLine.lines(records));
      case LOG -> records.forEach(record -> log(AuditLine.of(record)));
    }
  }

  @Override
  public void revocation(RevocationRecord record) {
    byte[] line = RevocationLine.of(record);
    switch (to) {
      case STDOUT -> write(line);
      case LOG -> log(new String(line, 0, line.length - 1, StandardCharsets.US_ASCII));
    }
  }

  private void write(byte[] lines) {
    try {
      stream.write(lines);
    } catch (IOException broken) {
      if (failing.compareAndSet(false, true)) { // once for each time of trouble
        LOG.error(
            "Standard output takes no audit lines, so that what they record is refused: " + broken);
      }
      throw new UncheckedIOException("standard output takes no audit lines", broken);
    }
    if (failing.get() && failing.compareAndSet(true, false)) {
      LOG.info("Standard output takes audit lines again");
    }
  }

  private static void log(String line) {
    if (!AUDIT.isInfoEnabled()) {
      throw new IllegalStateException(CATEGORY + " takes no lines at INFO");
    }
    AUDIT.info(line);
  }
}
