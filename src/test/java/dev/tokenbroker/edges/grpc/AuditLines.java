package dev.tokenbroker.edges.grpc;

import dev.tokenbroker.edges.telemetry.AuditLog;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * What is written to the audit log while it is open, and kept from other handlers meanwhile, so
 * that a storm does not print it. All lines are counted; the first {@value #MOST_KEPT} are kept.
 */
public final class AuditLines extends Handler implements AutoCloseable {

  private static final int MOST_KEPT = 1_000;

  private final Logger audit = Logger.getLogger(AuditLog.CATEGORY);
  private final boolean usedParents = audit.getUseParentHandlers();
  private final List<Handler> others = List.of(audit.getHandlers());
  private final Queue<String> kept = new ConcurrentLinkedQueue<>();
  private final AtomicLong count = new AtomicLong();

  public AuditLines() {
    setLevel(Level.ALL);
    audit.setUseParentHandlers(false);
    others.forEach(audit::removeHandler);
    audit.addHandler(this);
  }

  /** How many there were. */
  public long count() {
    return count.get();
  }

  /** Those kept that have that text in them. */
  public List<String> with(String text) {
    return kept.stream().filter(line -> line.contains(text)).toList();
  }

  @Override
  public void publish(LogRecord record) {
    if (count.incrementAndGet() <= MOST_KEPT) {
      kept.add(record.getMessage());
    }
  }

  @Override
  public void flush() {}

  @Override
  public void close() {
    audit.removeHandler(this);
    others.forEach(audit::addHandler);
    audit.setUseParentHandlers(usedParents);
  }
}
