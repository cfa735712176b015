package dev.tokenbroker.telemetry;

import dev.tokenbroker.exchange.ExchangeObserver;
import dev.tokenbroker.exchange.ExchangeRecord;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * Writes exactly one line for each evaluation before its answer is sent: to standard output, or to
 * the log category {@value #CATEGORY} at INFO. The line is the JSON object and nothing else.
 *
 * <p>Standard output is written to on the thread that answers, those lines together that end
 * together. That thread is an event loop as a rule, and where standard output stalls, it stalls,
 * and with it the calls of its connections: what cannot be recorded is not answered. A thread
 * between was tried; waking it for each turn costs more than the write.
 *
 * <p>With the log category, a line is handed to the handlers before the answer is sent; one that is
 * not asynchronous has then written it. The start is refused where the category takes no lines at
 * INFO. Should its level be raised later, each record fails rather than be dropped, so that nothing
 * is issued unrecorded.
 */
@Singleton
public final class AuditLog implements ExchangeObserver {

  /** The log category; route it to a handler of its own, with a format of just the message. */
  public static final String CATEGORY = "dev.tokenbroker.audit";

  private static final Logger AUDIT = Logger.getLogger(CATEGORY);

  private final AuditSettings.Destination to;
  private final AuditStream stream;

  @Inject
  public AuditLog(AuditSettings settings) {
    this(settings.to(), new FileOutputStream(FileDescriptor.out));
  }

  AuditLog(AuditSettings.Destination to, OutputStream standardOutput) {
    this.to = to;
    this.stream = new AuditStream(standardOutput);
  }

  /** Nothing: the record is written with those that end at the same time. */
  @Override
  public void ended(ExchangeRecord record) {}

  @Override
  public void keep(List<ExchangeRecord> records) {
    switch (to) {
      case STDOUT -> write(records);
      case LOG -> log(records);
    }
  }

  private void write(List<ExchangeRecord> records) {
    try {
      stream.write(AuditLine.lines(records));
    } catch (IOException e) {
      throw new UncheckedIOException("standard output takes no audit lines", e);
    }
  }

  private static void log(List<ExchangeRecord> records) {
    if (!AUDIT.isInfoEnabled()) {
      throw new IllegalStateException(CATEGORY + " takes no lines at INFO");
    }
    records.forEach(record -> AUDIT.info(AuditLine.of(record)));
  }
}
