package dev.tokenbroker.runtime;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/**
 * The lines that a class logs while this is open, such as {@code INFO Upstream sso works again}.
 */
public final class LoggedLines extends Handler implements AutoCloseable {

  private final Logger logger;
  private final List<String> lines = new CopyOnWriteArrayList<>();

  public LoggedLines(Class<?> category) {
    this.logger = Logger.getLogger(category.getName());
    logger.addHandler(this);
  }

  public List<String> lines() {
    return lines;
  }

  @Override
  public void publish(LogRecord line) {
    // Loggers have levels of their own kind, of the same weight.
    boolean warning = line.getLevel().intValue() >= Level.WARNING.intValue();
    lines.add((warning ? "WARNING " : "INFO ") + new SimpleFormatter().formatMessage(line));
  }

  @Override
  public void flush() {}

  @Override
  public void close() {
    logger.removeHandler(this);
  }
}
