package dev.tokenbroker.exchange;

import dev.tokenbroker.telemetry.AuditLog;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is logged while it is open, told apart by the thread that logs. The audit log is
 * kept from other handlers meanwhile, so that a long test does not print it.
 */
final class CapturedLog extends Handler implements AutoCloseable {

  private final Logger root = Logger.getLogger("");
  private final Logger audit = Logger.getLogger(AuditLog.CATEGORY);
  private final boolean auditUsedParents = audit.getUseParentHandlers();
  private final Handler[] auditHandlers = audit.getHandlers();
  private final @Nullable Level auditLevel = audit.getLevel();
  private final ThreadLocal<List<Entry>> entries = ThreadLocal.withInitial(ArrayList::new);

  /** One record: the category, and all of its text. */
  record Entry(String category, String text) {}

  CapturedLog() {
    setLevel(Level.ALL);
    root.addHandler(this);
    audit.setUseParentHandlers(false);
    audit.setLevel(Level.INFO);
    for (Handler other : auditHandlers) {
      audit.removeHandler(other);
    }
    audit.addHandler(this);
  }

  /** What this thread has logged since it last asked. */
  List<Entry> taken() {
    List<Entry> taken = List.copyOf(entries.get());
    entries.get().clear();
    return taken;
  }

  @Override
  public void publish(LogRecord record) {
    entries
        .get()
        .add(
            new Entry(
                String.valueOf(record.getLoggerName()),
                record.getMessage()
                    + " "
                    + Arrays.toString(record.getParameters())
                    + " "
                    + record.getThrown()));
  }

  @Override
  public void flush() {}

  @Override
  public void close() {
    root.removeHandler(this);
    audit.removeHandler(this);
    for (Handler other : auditHandlers) {
      audit.addHandler(other);
    }
    audit.setLevel(auditLevel);
    audit.setUseParentHandlers(auditUsedParents);
  }
}
