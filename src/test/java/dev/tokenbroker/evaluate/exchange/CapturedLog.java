package dev.tokenbroker.evaluate.exchange;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Everything that is logged while it is open, told apart by the thread that logs. */
final class CapturedLog extends Handler implements AutoCloseable {

  private final Logger root = Logger.getLogger("");
  private final ThreadLocal<List<Entry>> entries = ThreadLocal.withInitial(ArrayList::new);

  /** One record: the category, and all of its text. */
  record Entry(String category, String text) {}

  CapturedLog() {
    setLevel(Level.ALL);
    root.addHandler(this);
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
  }
}
